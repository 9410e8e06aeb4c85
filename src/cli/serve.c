/* assent serve: runs the gateway in the foreground. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "base/loop.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "config/config.h"
#include "consent/spoken.h"
#include "doors/gateway.h"
#include "doors/manager.h"

/* What is running, and where its config comes from. */
struct service {
    struct gateway *gateway;
    struct manager *manager;
    struct config *config;
    const char *file;
};

static void asked_to_end(evutil_socket_t number, short what, void *owner)
{
    struct service *service = owner;
    (void)number;
    (void)what;
    manager_say_stopping(service->manager);
    gateway_stop(service->gateway);
}

static struct config *load(const char *file)
{
    struct config_problems problems = {0};
    struct config *config = config_load_with(file, &spoken_config_words, &problems);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%s%s:%d: %s%s\n", log_mark(problems.at[i].is_warning ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR),
                problems.at[i].file, problems.at[i].line, problems.at[i].is_warning ? "warning: " : "",
                problems.at[i].text);
    config_problems_wipe(&problems);
    return config;
}

static void config_bury(void *dead)
{
    config_free(dead);
}

/* The turn of a reload may still look into the config that was. */
static void asked_to_reload(evutil_socket_t number, short what, void *owner)
{
    struct service *service = owner;
    char why[GATEWAY_ERROR_SIZE];
    (void)number;
    (void)what;
    manager_say_reloading(service->manager);
    struct config *config = load(service->file);
    if (config == NULL) {
        log_error("reload refused, the config in force stays: %s has errors", service->file);
    } else if (!gateway_reload(service->gateway, config, why)) {
        log_error("reload refused, the config in force stays: %s", why);
        config_free(config);
    } else {
        loop_bury(service->gateway->loop, config_bury, service->config);
        service->config = config;
        log_set_level((enum log_level)config->log_level);
        log_info("reloaded %s", service->file);
    }
    manager_say_reloaded(service->manager);
}

static int run(struct service *service)
{
    struct gateway *gateway = service->gateway;
    static const struct {
        int number;
        event_callback_fn heard;
    } signals[] = {{SIGTERM, asked_to_end}, {SIGINT, asked_to_end}, {SIGHUP, asked_to_reload}};
    struct event *events[3];
    for (int i = 0; i < 3; i++) {
        events[i] = evsignal_new(loop_events(gateway->loop), signals[i].number, signals[i].heard,
                                 service);
        evsignal_add(events[i], NULL);
    }
    printf("assent ready http=%s smpp=%s\n", gateway_http_address(gateway),
           gateway_smpp_address(gateway));
    fflush(stdout);
    service->manager = manager_open(gateway);
    bool is_well = gateway_run(gateway);
    manager_close(service->manager);
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
    struct service service = {.config = load(file), .file = file};
    if (service.config == NULL)
        return cli_fail("serve", "%s can't be used as it is", file);
    log_set_level((enum log_level)service.config->log_level);
    service.gateway = gateway_open(service.config, why);
    int exit_code = service.gateway == NULL ? cli_fail("serve", "%s", why) : run(&service);
    gateway_close(service.gateway);
    config_free(service.config);
    return exit_code;
}
