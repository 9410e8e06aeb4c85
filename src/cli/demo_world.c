#include "cli/demo_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"

#define PATIENCE_MS 10000 /* for one thing */
#define WHOLE_MS    17000 /* for all of it: people are told that it takes less than 20 s */
#define POLL_MS     20
#define LOG_LINES   12

static bool fail(struct world *world, const char *what, const char *why)
{
    snprintf(world->why, sizeof world->why, "%.120s: %.160s", what, why);
    return false;
}

static void pause_ms(int ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000L};
    nanosleep(&time, NULL);
}

static int64_t deadline_of(const struct world *world)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    return until_ms < world->until_ms ? until_ms : world->until_ms;
}

/* ---- children ---- */

/* What happens between fork and exec. Its own group: ^C is for the demo, which ends its children.
 */
static _Noreturn void become(const struct world *world, char *const *argv, int out, int errors)
{
    int none = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (none < 0 || dup2(none, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0 ||
        chdir(world->directory) != 0)
        _exit(126);
    execv("/proc/self/exe", argv);
    _exit(127);
}

/* Starts this program anew; `log` NULL: what it says on stderr comes with its stdout. Gives the
 * pid, or -1; `out` is where its stdout is read. */
static pid_t start(const struct world *world, const char *const *words, const char *log, int *out)
{
    int ends[2];
    int errors = log == NULL ? -1 : open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    char **argv = mem_new((count + 2) * sizeof *argv);
    argv[0] = mem_text("assent");
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = mem_text(words[i]);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become(world, argv, ends[1], errors >= 0 ? errors : ends[1]);
    for (size_t i = 0; i <= count; i++)
        free(argv[i]);
    free(argv);
    close(ends[1]);
    if (errors >= 0)
        close(errors);
    *out = ends[0];
    if (pid < 0)
        close(ends[0]);
    return pid;
}

static void stop(pid_t *pid, int *out)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    if (*pid > 0) {
        kill(*pid, SIGTERM);
        while (waitpid(*pid, NULL, WNOHANG) == 0) {
            if (clock_mono_ms() > until_ms)
                kill(*pid, SIGKILL);
            pause_ms(POLL_MS);
        }
    }
    if (*out >= 0)
        close(*out);
    *pid = 0;
    *out = -1;
}

/* Some octets from a child before the deadline; 0: it has closed its end, -1: time is over, or ^C.
 */
static ssize_t read_until(int from, char *into, size_t size, int64_t until_ms)
{
    for (;;) {
        struct pollfd ready = {.fd = from, .events = POLLIN};
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0 || cli_is_interrupted())
            return -1;
        if (poll(&ready, 1, (int)left_ms) > 0)
            return read(from, into, size);
    }
}

static bool read_line(const struct world *world, int from, char *line, size_t size)
{
    int64_t until_ms = deadline_of(world);
    size_t length = 0;
    while (length + 1 < size && read_until(from, line + length, 1, until_ms) == 1) {
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
        length++;
    }
    line[length] = '\0';
    return false;
}

/* The word behind "name=" on a ready line. */
static bool take_address(const char *line, const char *name, char out[80])
{
    const char *at = strstr(line, name);
    if (at == NULL)
        return false;
    at += strlen(name);
    size_t length = strcspn(at, " ");
    snprintf(out, 80, "%.*s", (int)length, at);
    return length > 0 && length < 80;
}

static bool start_carrier(struct world *world)
{
    const char *const words[] = {"sim",         "--listen", "127.0.0.1:0",     "--control",
                                 "127.0.0.1:0", "--quiet",  "--receipt-after", "300",
                                 NULL};
    char line[300], *log;
    must(asprintf(&log, "%s/carrier.log", world->directory) > 0);
    world->carrier = start(world, words, log, &world->carrier_out);
    free(log);
    if (world->carrier < 0)
        return fail(world, "can't start the simulated carrier", strerror(errno));
    if (!read_line(world, world->carrier_out, line, sizeof line) ||
        !take_address(line, "smpp=", world->carrier_smpp) ||
        !take_address(line, "control=", world->control))
        return fail(world, "the simulated carrier didn't get ready", line);
    return true;
}

static bool start_gateway(struct world *world)
{
    const char *const words[] = {"serve", "-c", "assent.conf", NULL};
    char line[300], *log;
    must(asprintf(&log, "%s/gateway.log", world->directory) > 0);
    world->gateway = start(world, words, log, &world->gateway_out);
    free(log);
    if (world->gateway < 0)
        return fail(world, "can't start the gateway", strerror(errno));
    if (!read_line(world, world->gateway_out, line, sizeof line) ||
        !take_address(line, "http=", world->http) || !take_address(line, "smpp=", world->smpp))
        return fail(world, "the gateway didn't get ready", line);
    return true;
}

int world_run(struct world *world, enum world_account account, const char *const *argv,
              char **output)
{
    int out = -1, status;
    char octets[4096];
    size_t size = 0;
    ssize_t got = -1;
    *output = NULL;
    setenv("ASSENT_API_KEY", world->keys[account], 1);
    FILE *all = open_memstream(output, &size);
    must(all != NULL);
    pid_t pid = start(world, argv, NULL, &out);
    int64_t until_ms = deadline_of(world);
    while (pid > 0 && (got = read_until(out, octets, sizeof octets, until_ms)) > 0)
        fwrite(octets, 1, (size_t)got, all);
    must(fclose(all) == 0);
    if (pid < 0)
        return -1;
    if (got < 0)
        kill(pid, SIGKILL);
    close(out);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return got == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- the directory ---- */

bool world_write(struct world *world, const char *name, const char *text)
{
    char *path;
    must(asprintf(&path, "%s/%s", world->directory, name) > 0);
    FILE *file = fopen(path, "w");
    bool is_good = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        is_good = false;
    if (!is_good)
        fail(world, path, strerror(errno));
    free(path);
    return is_good;
}

static void make_secret(char *out, size_t octets)
{
    uint8_t random[32];
    random_octets(random, octets);
    octets_to_hex(octets_of(random, octets), out);
}

static void make_secrets(struct world *world)
{
    make_secret(world->keys[WORLD_CAMPAIGNS], 32);
    make_secret(world->keys[WORLD_OVERSIGHT], 32);
    make_secret(world->smpp_password, 4);
}

/* The form has an address once it is known where the gateway listens. */
static bool write_config(struct world *world)
{
    const char *colon = strrchr(world->carrier_smpp, ':');
    bool has_form = world->http[0] != '\0';
    char *text;
    must(colon != NULL);
    must(asprintf(&text,
                  "database = \"assent.db\"\n"
                  "default_country = \"US\"\n"
                  "http { listen = \"127.0.0.1:0\"  public_url = \"%s%s\" }\n"
                  "smpp { listen = \"127.0.0.1:0\" }\n"
                  "carrier \"sim\" {\n"
                  "  host = \"127.0.0.1\"  port = %s\n"
                  "  system_id = \"demo\"  password = \"demo\"\n"
                  "}\n"
                  "program \"" WORLD_PROGRAM "\" {\n"
                  "  brand = \"" WORLD_BRAND "\"\n"
                  "  senders = { \"" WORLD_SENDER "\" }\n"
                  "  carriers = { \"sim\" }\n"
                  "  support = \"help.example.com\"\n"
                  "  terms = \"https://help.example.com/terms\"  privacy = \"https://help.example.com/privacy\"\n"
                  "  optin = %s\n"
                  "  quiet_hours = \"off\"\n" /* nobody gets these texts, so the demo runs at night too */
                  "}\n"
                  "account \"campaigns\" {\n"
                  "  api_key = \"%s\"\n"
                  "  system_id = \"campaigns\"  password = \"%s\"\n"
                  "  roles = { \"sender\", \"consent\" }\n"
                  "  programs = { \"" WORLD_PROGRAM "\" }\n"
                  "}\n"
                  "account \"oversight\" {\n"
                  "  api_key = \"%s\"\n"
                  "  roles = { \"compliance\", \"admin\" }\n"
                  "  programs = { \"" WORLD_PROGRAM "\" }\n"
                  "}\n",
                  has_form ? "http://" : "", world->http, colon + 1, has_form ? "true" : "false",
                  world->keys[WORLD_CAMPAIGNS], world->smpp_password, world->keys[WORLD_OVERSIGHT]) > 0);
    bool is_good = world_write(world, "assent.conf", text);
    free(text);
    return is_good;
}

/* Nothing in it is a directory. */
static void remove_directory(const struct world *world)
{
    DIR *directory = opendir(world->directory);
    if (directory == NULL)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(world->directory);
}

/* ---- the carrier's phones ---- */

static bool open_line(struct world *world)
{
    char host[80];
    const char *colon = strrchr(world->control, ':');
    must(colon != NULL);
    snprintf(host, sizeof host, "%.*s", (int)(colon - world->control), world->control);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *address;
    if (getaddrinfo(host, colon + 1, &hints, &address) != 0)
        return fail(world, "no address of a control port", world->control);
    const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int line = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_good = line >= 0 &&
                   setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
                   connect(line, address->ai_addr, address->ai_addrlen) == 0;
    freeaddrinfo(address);
    if (is_good)
        world->line = fdopen(line, "r");
    if (world->line == NULL && line >= 0)
        close(line);
    return world->line != NULL || fail(world, "can't talk to the carrier", strerror(errno));
}

/* Written past the stream, which only reads: one that does both needs seeking, and a socket has
 * none. */
static void ask_line(struct world *world, const char *command, const char *a, const char *b,
                     const char *c)
{
    dprintf(fileno(world->line), "%s %s%s%s%s%s\n", command, a, *b == '\0' ? "" : " ", b,
            *c == '\0' ? "" : " ", c);
}

json_t *world_heard(struct world *world, const char *phone)
{
    json_t *heard = json_array();
    char *line = NULL;
    size_t size = 0;
    bool is_whole = false;
    ask_line(world, "messages", phone, "", "");
    while (!is_whole && getline(&line, &size, world->line) > 0) {
        is_whole = strcmp(line, ".\n") == 0;
        json_t *message = is_whole ? NULL : json_loads(line, JSON_ALLOW_NUL, NULL);
        if (message != NULL)
            json_array_append_new(heard, message);
    }
    free(line);
    if (is_whole)
        return heard;
    json_decref(heard);
    fail(world, "the carrier doesn't say what was heard at", phone);
    return NULL;
}

json_t *world_await(struct world *world, const char *phone, size_t count)
{
    int64_t until_ms = deadline_of(world);
    for (;;) {
        json_t *heard = world_heard(world, phone);
        bool is_over = clock_mono_ms() > until_ms || cli_is_interrupted();
        if (heard == NULL || json_array_size(heard) >= count || is_over)
            return heard;
        json_decref(heard);
        pause_ms(POLL_MS);
    }
}

bool world_say(struct world *world, const char *phone, const char *text)
{
    char answer[200] = "";
    ask_line(world, "mo", phone, WORLD_SENDER, text);
    bool is_said =
        fgets(answer, sizeof answer, world->line) != NULL && strncmp(answer, "ok", 2) == 0;
    return is_said || fail(world, "the phone couldn't write", answer);
}

/* ---- the gateway ---- */

static bool is_idle(const json_t *status)
{
    json_t *queue = json_object_get(status, "queue");
    const char *state;
    json_t *count;
    json_object_foreach(queue, state, count)
    {
        if (json_integer_value(count) != 0)
            return false;
    }
    return queue != NULL;
}

bool world_settle(struct world *world)
{
    int64_t until_ms = deadline_of(world);
    bool has_settled = false;
    while (!has_settled && clock_mono_ms() < until_ms && !cli_is_interrupted()) {
        struct answer answer = client_ask(world->client, "GET", "/v1/status", NULL);
        has_settled = answer_is_good(&answer) && is_idle(answer.body);
        answer_wipe(&answer);
        if (!has_settled)
            pause_ms(POLL_MS);
    }
    return has_settled || fail(world, "the gateway still has something to send", world->http);
}

/* A reload is asked for by a signal, and seen by what it does. */
static bool open_form(struct world *world)
{
    int64_t until_ms = deadline_of(world);
    bool is_open = false;
    if (!write_config(world) || kill(world->gateway, SIGHUP) != 0)
        return fail(world, "the gateway didn't take up its form", world->http);
    while (!is_open && clock_mono_ms() < until_ms && !cli_is_interrupted()) {
        struct answer answer = client_ask(world->client, "GET", "/optin/" WORLD_PROGRAM, NULL);
        is_open = answer.status == 200;
        answer_wipe(&answer);
        if (!is_open)
            pause_ms(POLL_MS);
    }
    return is_open || fail(world, "the gateway doesn't show its form", world->http);
}

/* ---- life ---- */

static bool make_directory(struct world *world)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    int length =
        snprintf(world->directory, sizeof world->directory, "%s/assent-demo-XXXXXX", parent);
    if (length >= (int)sizeof world->directory || mkdtemp(world->directory) == NULL) {
        fail(world, "can't make a directory", parent);
        world->directory[0] = '\0';
        return false;
    }
    return true;
}

bool world_begin(struct world *world)
{
    char url[120], error[CLIENT_ERROR_SIZE];
    *world = (struct world){
        .carrier_out = -1, .gateway_out = -1, .until_ms = clock_mono_ms() + WHOLE_MS};
    signal(SIGPIPE, SIG_IGN);
    make_secrets(world);
    if (!make_directory(world) || !start_carrier(world) || !write_config(world) ||
        !start_gateway(world) || !open_line(world))
        return false;
    snprintf(url, sizeof url, "http://%s", world->http);
    setenv("ASSENT_URL", url, 1);
    world->client = client_open(url, world->keys[WORLD_OVERSIGHT], error);
    if (world->client == NULL)
        return fail(world, "no way to the gateway", error);
    return open_form(world);
}

void world_end(struct world *world)
{
    if (world->line != NULL)
        fclose(world->line);
    client_close(world->client);
    stop(&world->gateway, &world->gateway_out);
    stop(&world->carrier, &world->carrier_out);
    if (world->directory[0] != '\0')
        remove_directory(world);
}

void world_idle(struct world *world)
{
    while (!cli_is_interrupted()) {
        if (waitpid(world->gateway, NULL, WNOHANG) != 0) {
            world->gateway = 0;
            return;
        }
        if (waitpid(world->carrier, NULL, WNOHANG) != 0) {
            world->carrier = 0;
            return;
        }
        pause_ms(200);
    }
}

void world_print_log(const struct world *world)
{
    char *path, *lines[LOG_LINES] = {0}, *line = NULL;
    size_t size = 0, count = 0;
    must(asprintf(&path, "%s/gateway.log", world->directory) > 0);
    FILE *log = fopen(path, "r");
    while (log != NULL && getline(&line, &size, log) > 0) {
        free(lines[count % LOG_LINES]);
        lines[count++ % LOG_LINES] = mem_text(line);
    }
    if (count > 0)
        fputs("the gateway's log ends:\n", stderr);
    for (size_t i = 0; i < LOG_LINES; i++) {
        char *kept = lines[(count + i) % LOG_LINES];
        if (kept != NULL)
            fprintf(stderr, "    %s", kept);
        free(kept);
    }
    if (log != NULL)
        fclose(log);
    free(line);
    free(path);
}
