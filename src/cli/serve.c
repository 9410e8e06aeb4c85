/* assent serve: runs the gateway in the foreground. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/notify_socket.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "config/config.h"
#include "doors/gateway.h"

static void asked_to_end(evutil_socket_t number, short what, void *gateway)
{
    (void)number;
    (void)what;
    notify_socket_say("STOPPING=1");
    gateway_stop(gateway);
}

static void asked_to_reload(evutil_socket_t number, short what, void *gateway)
{
    (void)number;
    (void)what;
    (void)gateway;
    log_warn("SIGHUP: reloading isn't built yet in this version: restart to read the config anew");
}

static struct config *load(const char *file)
{
    struct config_problems problems = {0};
    struct config *config = config_load(file, &problems);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%s:%d: %s%s\n", problems.at[i].file, problems.at[i].line,
                problems.at[i].is_warning ? "warning: " : "", problems.at[i].text);
    config_problems_wipe(&problems);
    return config;
}

static int run(struct gateway *gateway)
{
    static const struct {
        int number;
        event_callback_fn heard;
    } signals[] = {{SIGTERM, asked_to_end}, {SIGINT, asked_to_end}, {SIGHUP, asked_to_reload}};
    struct event *events[3];
    for (int i = 0; i < 3; i++) {
        events[i] = evsignal_new(loop_events(gateway->loop), signals[i].number, signals[i].heard,
                                 gateway);
        evsignal_add(events[i], NULL);
    }
    printf("assent ready http=%s smpp=%s\n", gateway_http_address(gateway),
           gateway_smpp_address(gateway));
    fflush(stdout);
    notify_socket_say("READY=1");
    bool is_well = gateway_run(gateway);
    for (int i = 0; i < 3; i++)
        event_free(events[i]);
    return is_well ? CLI_DONE : CLI_FAILED;
}

int cli_serve(int argc, char **argv)
{
    const char *file = NULL;
    char error[OPTIONS_ERROR_SIZE], why[GATEWAY_ERROR_SIZE];
    const struct option_row rows[] = {{"-c", OPTION_TEXT, &file},
                                      {"--config", OPTION_TEXT, &file},
                                      {NULL, OPTION_END, NULL}};
    int count = options_read(argc, argv, rows, error);
    if (count < 0)
        return cli_usage("serve", "%s", error);
    if (count > 0 || file == NULL)
        return cli_usage("serve", "it takes one thing: -c FILE");
    struct config *config = load(file);
    if (config == NULL)
        return cli_fail("serve", "%s can't be used as it is", file);
    log_set_level((enum log_level)config->log_level);
    struct gateway *gateway = gateway_open(config, why);
    int exit_code = gateway == NULL ? cli_fail("serve", "%s", why) : run(gateway);
    gateway_close(gateway);
    config_free(config);
    return exit_code;
}
