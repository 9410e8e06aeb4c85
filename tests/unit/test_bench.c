/* The load driver: it reaches nobody but this machine, touches no database but its own, and counts
 * what really happened. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/ledger.h"
#include "consent/number.h"
#include "src/bench/bench.h"
#include "src/bench/bench_meter.h"
#include "src/bench/bench_number.h"
#include "src/bench/bench_socket.h"
#include "src/sim/sim.h"
#include "store/store.h"
#include "tests/unit/place.h"

#define NOW      INT64_C(1795512600000) /* 2026-11-24 */
#define CONSENTS 1000

static char fault[BENCH_FAULT_SIZE];
static struct bench_figures figures;
static struct region *region;
static pid_t child;

static void begin(void)
{
    place_open();
    region = region_new();
    child = 0;
}

static void end(void)
{
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    region_free(region);
    place_remove();
}

/* ---- whom it reaches ---- */

START_TEST(no_address_but_loopback_is_driven)
{
    /* Addresses for documentation (RFC 5737, RFC 3849), and those that only look like loopback. */
    static const char *const others[] = {"192.0.2.1", "2001:db8::1", "0.0.0.0",
                                         "::",        "128.0.0.1",   "::ffff:192.0.2.1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_int_lt(bench_connect(others[i], "9", fault), 0);
        ck_assert_ptr_nonnull(strstr(fault, "only loopback"));
    }
}
END_TEST

START_TEST(recipients_are_other_numbers_each_and_no_phone_has_one)
{
    enum { COUNT = 30000 };
    static bool is_met[COUNT];
    for (int64_t i = 0; i < COUNT; i++) {
        char text[NUMBER_TEXT_SIZE];
        uint64_t number, recipient = bench_recipient(i, COUNT);
        number_write(recipient, text);
        ck_assert_int_eq(number_read(octets_text(text), "US", &number), NUMBER_OK);
        ck_assert_str_eq(number_country(number), "US");
        ck_assert_uint_eq(number / 10000 % 1000, 555);
        int64_t place = 0;
        while (bench_number(place) / 10000 != recipient / 10000)
            place += 10000;
        place += (int64_t)(recipient % 10000);
        ck_assert(place < COUNT && !is_met[place]);
        is_met[place] = true;
    }
}
END_TEST

/* ---- what it measures ---- */

START_TEST(percentiles_are_those_of_the_answers)
{
    static const int64_t none[BENCH_PROCESSES];
    struct bench_meter meter;
    ck_assert(meter_begin(&meter, none, 100, 0, fault));
    for (int64_t i = 100; i >= 1; i--)
        meter_answer(&meter, bench_now_us() - i * 1000000); /* took i seconds */
    meter_end(&meter, &figures);
    ck_assert_int_eq(figures.p50_us / 1000000, 50);
    ck_assert_int_eq(figures.p99_us / 1000000, 99);
    ck_assert_int_eq(figures.most_us / 1000000, 100);
}
END_TEST

START_TEST(a_process_that_is_gone_is_not_measured)
{
    int64_t processes[BENCH_PROCESSES] = {0};
    struct bench_meter meter;
    child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    processes[0] = child;
    child = 0;
    ck_assert(!meter_begin(&meter, processes, 1, 0, fault));
}
END_TEST

/* ---- databases ---- */

static bool load(void)
{
    return bench_load_run(
        &(struct bench_load){.db = place_path, .program = "bench", .consents = CONSENTS}, &figures,
        fault);
}

static bool fill(int64_t messages, int64_t batch)
{
    return bench_store_run(&(struct bench_store){.db = place_path,
                                                 .program = "bench",
                                                 .consents = CONSENTS,
                                                 .messages = messages,
                                                 .batch = batch},
                           &figures, fault);
}

static struct store *open_db(void)
{
    char error[STORE_ERROR_SIZE];
    struct store *store = store_open(place_path, error);
    ck_assert_msg(store != NULL, "%s", error);
    return store;
}

static void close_db(struct store *store)
{
    ck_assert_int_eq(store_commit(store), STORE_COMMITTED);
    store_close(store);
}

START_TEST(what_was_loaded_is_consented_to_and_nothing_else)
{
    struct consent consent;
    ck_assert(load());
    struct store *store = open_db();
    int64_t program = store_program_id(store, "bench");
    for (int64_t i = 0; i < CONSENTS; i += CONSENTS - 1) {
        ck_assert_int_eq(store_consent_get(store, bench_number(i), program, region, &consent),
                         STORE_OK);
        ck_assert(consent.has_opted_in && consent.confirmation == CONFIRMATION_TAKEN);
    }
    ck_assert_int_eq(store_consent_get(store, bench_number(CONSENTS), program, region, &consent),
                     STORE_NONE);
    close_db(store);
}
END_TEST

START_TEST(a_database_with_a_real_ledger_is_left_alone)
{
    struct store *store = open_db();
    struct ledger *ledger = ledger_open(store);
    ledger_append(ledger, NOW, "registration", "bench", bench_number(0), "{}");
    ledger_close(ledger);
    close_db(store);
    ck_assert(!load());
    ck_assert(!fill(1, 1));
    store = open_db();
    struct consent consent;
    ck_assert_int_eq(store_consent_get(store, bench_number(0), store_program_id(store, "bench"),
                                       region, &consent),
                     STORE_NONE);
    close_db(store);
}
END_TEST

START_TEST(a_database_with_messages_is_not_loaded)
{
    ck_assert(load());
    ck_assert(fill(1, 1));
    ck_assert(!load());
    ck_assert_ptr_nonnull(strstr(fault, "left alone"));
}
END_TEST

START_TEST(a_database_that_was_not_loaded_gets_no_messages)
{
    ck_assert(!fill(1, 1));
}
END_TEST

START_TEST(each_row_of_a_batch_goes_all_the_way)
{
    static const int64_t batches[] = {1, 7, 64, 1000};
    int64_t wanted = 0;
    ck_assert(load());
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        ck_assert_msg(fill(100, batches[i]), "%s", fault);
        ck_assert_int_eq(figures.taken, 100);
        wanted += 100;
        struct store *store = open_db();
        ck_assert_int_eq(store_message_count(store, MESSAGE_DELIVERED), wanted);
        ck_assert_int_eq(store_message_count(store, MESSAGE_SENT), 0);
        ck_assert_int_eq(store_message_count(store, MESSAGE_SENDING), 0);
        close_db(store);
    }
}
END_TEST

/* ---- HTTP, against a server that says what it is told to ---- */

static int listen_here(char port[8])
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(fd, (struct sockaddr *)&here, size) == 0 && listen(fd, 10) == 0);
    must(getsockname(fd, (struct sockaddr *)&here, &size) == 0);
    snprintf(port, 8, "%u", ntohs(here.sin_port));
    return fd;
}

/* One connection after the other; `answer` NULL closes it when a request has come. */
static _Noreturn void serve(int listener, const char *answer)
{
    for (;;) {
        char request[4096];
        int fd = accept(listener, NULL, NULL);
        while (recv(fd, request, sizeof request, 0) > 0 && answer != NULL)
            must(send(fd, answer, strlen(answer), MSG_NOSIGNAL) > 0);
        close(fd);
    }
}

static bool ask(const char *answer, int64_t messages)
{
    char port[8];
    int listener = listen_here(port);
    child = fork();
    if (child == 0)
        serve(listener, answer);
    close(listener);
    return bench_http_run(&(struct bench_http){.host = "127.0.0.1",
                                               .port = port,
                                               .key = "key",
                                               .program = "bench",
                                               .text = "text",
                                               .consents = CONSENTS,
                                               .connections = 1,
                                               .messages = messages},
                          &figures, fault);
}

START_TEST(a_202_counts_as_taken)
{
    ck_assert(ask("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}", 20));
    ck_assert_int_eq(figures.taken, 20);
    ck_assert_int_eq(figures.refused + figures.lost, 0);
    ck_assert_int_gt(figures.p50_us, 0);
}
END_TEST

START_TEST(anything_else_counts_as_refused_and_the_first_is_told)
{
    ck_assert(ask("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 20));
    ck_assert_int_eq(figures.taken, 0);
    ck_assert_int_eq(figures.refused, 20);
    ck_assert_str_eq(figures.refusal, "HTTP/1.1 403 Forbidden no");
}
END_TEST

START_TEST(what_was_asked_on_a_connection_that_ends_is_lost)
{
    ck_assert(ask(NULL, 5));
    ck_assert_int_eq(figures.lost, 5);
}
END_TEST

START_TEST(a_server_that_ends_every_connection_ends_the_run)
{
    ck_assert(!ask(NULL, 1000));
    ck_assert_ptr_nonnull(strstr(fault, "ends every connection"));
}
END_TEST

START_TEST(an_answer_without_a_length_ends_the_run)
{
    ck_assert(!ask("HTTP/1.1 202 Accepted\r\n\r\n", 1));
    ck_assert_ptr_nonnull(strstr(fault, "no length"));
}
END_TEST

START_TEST(an_answer_of_an_absurd_length_ends_the_run)
{
    ck_assert(!ask("HTTP/1.1 202 Accepted\r\nContent-Length: 9223372036854775807\r\n\r\n", 1));
}
END_TEST

/* ---- SMPP, against the simulated carrier, which is a server as well ---- */

static void start_sim(char port[8], const char *password)
{
    char line[200];
    int ends[2];
    must(pipe(ends) == 0);
    child = fork();
    if (child == 0) {
        must(dup2(ends[1], STDOUT_FILENO) >= 0);
        _exit(sim_run(&(struct sim_settings){.listen = "127.0.0.1:0",
                                             .control = "127.0.0.1:0",
                                             .password = password,
                                             .system_id = password,
                                             .is_quiet = true}));
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    must(fgets(line, sizeof line, out) != NULL);
    must(sscanf(line, "sim ready smpp=127.0.0.1:%7[0-9]", port) == 1);
    fclose(out);
}

static bool submit(const char *password)
{
    char port[8];
    start_sim(port, "bench");
    return bench_smpp_run(&(struct bench_smpp){.host = "127.0.0.1",
                                               .port = port,
                                               .system_id = "bench",
                                               .password = password,
                                               .source = "+12065550100",
                                               .text = "text",
                                               .consents = CONSENTS,
                                               .binds = 2,
                                               .window = 10,
                                               .messages = 200,
                                               .wants_receipts = true},
                          &figures, fault);
}

START_TEST(what_a_carrier_took_is_counted_and_its_receipts_too)
{
    ck_assert_msg(submit("bench"), "%s", fault);
    ck_assert_int_eq(figures.taken, 200);
    ck_assert_int_eq(figures.receipts, 200);
}
END_TEST

START_TEST(a_bind_that_is_refused_ends_the_run)
{
    ck_assert(!submit("wrong"));
    ck_assert_ptr_nonnull(strstr(fault, "refused with 0x0E"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench");
    TCase *promises = tcase_create("promises");
    tcase_add_checked_fixture(promises, begin, end);
    tcase_add_test(promises, no_address_but_loopback_is_driven);
    tcase_add_test(promises, recipients_are_other_numbers_each_and_no_phone_has_one);
    tcase_add_test(promises, percentiles_are_those_of_the_answers);
    tcase_add_test(promises, a_process_that_is_gone_is_not_measured);
    tcase_add_test(promises, what_was_loaded_is_consented_to_and_nothing_else);
    tcase_add_test(promises, a_database_with_a_real_ledger_is_left_alone);
    tcase_add_test(promises, a_database_with_messages_is_not_loaded);
    tcase_add_test(promises, a_database_that_was_not_loaded_gets_no_messages);
    tcase_add_test(promises, each_row_of_a_batch_goes_all_the_way);
    tcase_add_test(promises, a_202_counts_as_taken);
    tcase_add_test(promises, anything_else_counts_as_refused_and_the_first_is_told);
    tcase_add_test(promises, what_was_asked_on_a_connection_that_ends_is_lost);
    tcase_add_test(promises, a_server_that_ends_every_connection_ends_the_run);
    tcase_add_test(promises, an_answer_without_a_length_ends_the_run);
    tcase_add_test(promises, an_answer_of_an_absurd_length_ends_the_run);
    tcase_add_test(promises, what_a_carrier_took_is_counted_and_its_receipts_too);
    tcase_add_test(promises, a_bind_that_is_refused_ends_the_run);
    suite_add_tcase(suite, promises);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
