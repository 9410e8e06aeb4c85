/* The watchdog hears of a loop that goes on and of one whose commit waits, and nothing of one that hangs. */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/pulse.h"

#define EVERY_US 30000
#define LONG_MS  (10 * EVERY_US / 1000)

static int manager;
static struct loop *loop;

static void begin(void)
{
    char name[40];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(name, sizeof name, "@assent-pulse-%d", (int)getpid());
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    ck_assert_int_eq(bind(manager, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    snprintf(name, sizeof name, "%d", EVERY_US * 3);
    setenv("WATCHDOG_USEC", name, 1);
    unsetenv("WATCHDOG_PID");
    loop = loop_open();
    loop_again(loop);
}

static void end(void)
{
    loop_close(loop);
    close(manager);
}

/* False: nothing for so long. */
static bool hears(int wait_ms)
{
    char line[40] = "";
    struct pollfd look = {.fd = manager, .events = POLLIN};
    if (poll(&look, 1, wait_ms) <= 0)
        return false;
    ck_assert_int_gt(recv(manager, line, sizeof line - 1, 0), 0);
    ck_assert_str_eq(line, "WATCHDOG=1");
    return true;
}

static void hear_three(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++)
        ck_assert(hears(-1));
    loop_stop(loop);
}

static void turn(void *unused)
{
    (void)unused;
    loop_again(loop);
}

static void hang(void *unused)
{
    (void)unused;
    (void)hears(LONG_MS); /* the turn before may not have been told of yet */
    ck_assert(!hears(LONG_MS));
    loop_stop(loop);
}

START_TEST(a_loop_that_goes_on_is_told_of)
{
    loop_at(loop, LOOP_DISPATCH, turn, NULL);
    struct timer timer = {0};
    struct pulse *pulse = pulse_open(loop);
    ck_assert_ptr_nonnull(pulse);
    timer_set(loop, &timer, LONG_MS, hear_three, NULL); /* what came meanwhile is in the socket */
    loop_run(loop);
    pulse_close(pulse);
}
END_TEST

static void commit_slowly(void *unused)
{
    loop_disk_begins(loop);
    hear_three(unused);
    loop_disk_ends(loop);
}

START_TEST(a_commit_that_waits_for_the_disk_is_no_hang)
{
    loop_at(loop, LOOP_DISPATCH, turn, NULL);
    loop_at(loop, LOOP_COMMIT, commit_slowly, NULL);
    struct pulse *pulse = pulse_open(loop);
    loop_run(loop);
    pulse_close(pulse);
}
END_TEST

START_TEST(a_loop_that_hangs_is_not_told_of)
{
    loop_at(loop, (enum loop_stage)_i, hang, NULL); /* what is done around a commit may hang as well */
    struct pulse *pulse = pulse_open(loop);
    loop_run(loop);
    pulse_close(pulse);
}
END_TEST

START_TEST(a_watchdog_of_another_process_or_of_none_is_told_nothing)
{
    setenv("WATCHDOG_PID", "1", 1);
    ck_assert_ptr_null(pulse_open(loop));
    unsetenv("WATCHDOG_PID");
    static const char *const odd[] = {"", "0", "-5", "much", "10x", "99999999999999999999"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        setenv("WATCHDOG_USEC", odd[i], 1);
        ck_assert_ptr_null(pulse_open(loop));
    }
    unsetenv("WATCHDOG_USEC");
    ck_assert_ptr_null(pulse_open(loop));
    ck_assert(!hears(0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pulse");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, a_loop_that_goes_on_is_told_of);
    tcase_add_test(all, a_commit_that_waits_for_the_disk_is_no_hang);
    tcase_add_loop_test(all, a_loop_that_hangs_is_not_told_of, 0, LOOP_STAGES);
    tcase_add_test(all, a_watchdog_of_another_process_or_of_none_is_told_nothing);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
