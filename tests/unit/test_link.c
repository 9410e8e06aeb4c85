/* A link to a name: how its addresses are found and tried. The resolver asks a name server of this
 * test's own; the clock stands still but where a test turns it. */
#include <arpa/inet.h>
#include <check.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "smpp/session.h"

/* ---- the clock, instead of base/clock.c */

static int64_t now_ms = 1000000;

int64_t clock_mono_ms(void)
{
    return now_ms;
}

int64_t clock_wall_ms(void)
{
    return now_ms;
}

/* ---- a name server */

static const char *addresses[4]; /* of every name; none: there is no such name */
static bool is_mute;
static unsigned questions;
static int server = -1;
static char server_address[40];
static struct event *asked;

/* Instead of libevent's: the program reads /etc/resolv.conf, and here it names this server. */
int evdns_base_resolv_conf_parse(struct evdns_base *base, int flags, const char *const file)
{
    ck_assert_int_eq(flags, DNS_OPTIONS_ALL);
    ck_assert_str_eq(file, "/etc/resolv.conf");
    return evdns_base_nameserver_ip_add(base, server_address);
}

static size_t put_record(uint8_t *to, const char *address, uint16_t type)
{
    uint8_t octets[16];
    int family = type == 28 ? AF_INET6 : AF_INET;
    uint8_t length = type == 28 ? 16 : 4;
    if (inet_pton(family, address, octets) != 1)
        return 0;
    /* The name of the question, the type, class IN, a minute. */
    const uint8_t head[] = {0xC0, 12, 0, (uint8_t)type, 0, 1, 0, 0, 0, 60, 0, length};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, octets, length);
    return sizeof head + length;
}

/* RFC 1035 4.1: the question comes back with what is known. */
static void answer_question(uint8_t *packet, size_t length, const struct sockaddr_in *from)
{
    uint16_t type = (uint16_t)(packet[length - 4] << 8 | packet[length - 3]);
    size_t end = length;
    for (size_t i = 0; i < 4 && addresses[i] != NULL; i++) {
        size_t size = put_record(packet + end, addresses[i], type);
        packet[7] = (uint8_t)(packet[7] + (size > 0));
        end += size;
    }
    packet[2] = 0x81;
    packet[3] = addresses[0] == NULL ? 0x83 : 0x80; /* no such name */
    sendto(server, packet, end, 0, (const struct sockaddr *)from, sizeof *from);
}

static void question_came(evutil_socket_t fd, short what, void *owner)
{
    uint8_t packet[1024];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    (void)what;
    (void)owner;
    ssize_t length = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &size);
    ck_assert_int_gt(length, 16);
    questions++;
    if (!is_mute)
        answer_question(packet, (size_t)length, &from);
}

static void server_open(struct loop *loop)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&here, size), 0);
    ck_assert_int_eq(getsockname(server, (struct sockaddr *)&here, &size), 0);
    snprintf(server_address, sizeof server_address, "127.0.0.1:%u", ntohs(here.sin_port));
    asked = event_new(loop_events(loop), server, EV_READ | EV_PERSIST, question_came, NULL);
    event_add(asked, NULL);
}

/* ---- the loop, turn by turn */

#define TURNS_MOST 200000

static struct loop *loop;
static unsigned turns_left;
static bool (*is_reached)(void);

static void count_turn(void *owner)
{
    (void)owner;
    if (turns_left == 0 || (is_reached != NULL && is_reached()))
        loop_stop(loop);
    else
        turns_left--;
    loop_again(loop);
}

static void run_turns(unsigned count, bool (*condition)(void))
{
    turns_left = count;
    is_reached = condition;
    loop_again(loop);
    loop_run(loop);
}

static bool reaches(bool (*condition)(void))
{
    run_turns(TURNS_MOST, condition);
    return condition();
}

#define ck_reaches(condition) ck_assert_msg(reaches(condition), "never " #condition)

/* ---- a link and its peers */

static struct listener *listener;
static struct link *link_made;
static bool is_open, has_failed;
static char why[LINK_ERROR_SIZE];
static int accepted_fd = -1;

static void opened(void *owner)
{
    (void)owner;
    is_open = true;
}

static void failed(void *owner, const char *words)
{
    (void)owner;
    has_failed = true;
    snprintf(why, sizeof why, "%s", words);
}

static const struct link_events events = {.opened = opened, .failed = failed};

static void accepted(void *owner, int fd)
{
    (void)owner;
    accepted_fd = fd;
}

static uint16_t listen_on(const char *address)
{
    char error[LINK_ERROR_SIZE];
    listener = listener_open(loop, address, accepted, NULL, error);
    return listener == NULL ? 0 : (uint16_t)atoi(strrchr(listener_address(listener), ':') + 1);
}

static bool opens(void)
{
    return is_open;
}

static bool fails(void)
{
    return has_failed;
}

static bool is_asked(void)
{
    return questions > 0;
}

static void set_up(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    loop = loop_open();
    session_serve(loop);
    loop_at(loop, LOOP_RELEASE, count_turn, NULL);
    server_open(loop);
}

static void tear_down(void)
{
    link_close(link_made);
    listener_close(listener);
    if (accepted_fd >= 0)
        close(accepted_fd);
    run_turns(50, NULL);
    event_free(asked);
    close(server);
    loop_close(loop);
}

/* ---- promises */

START_TEST(each_address_of_a_name_is_tried_in_turn)
{
    uint16_t port = listen_on("127.0.0.1:0");
    addresses[0] = "127.0.0.2"; /* nobody listens there */
    addresses[1] = "127.0.0.3";
    addresses[2] = "127.0.0.1";
    link_made = link_connect(loop, "carrier.test", port, &events, NULL);
    ck_reaches(opens);
    ck_assert_int_eq(strncmp(link_peer(link_made), "127.0.0.1:", 10), 0);
    ck_assert_str_eq(link_fault(link_made), "");
}
END_TEST

START_TEST(a_name_may_have_addresses_of_both_kinds)
{
    uint16_t port = listen_on(_i == 0 ? "[::1]:0" : "127.0.0.1:0");
    if (port == 0)
        return; /* a machine without IPv6 */
    addresses[0] = "::1";
    addresses[1] = "127.0.0.1";
    link_made = link_connect(loop, "carrier.test", port, &events, NULL);
    ck_reaches(opens);
    ck_assert(strncmp(link_peer(link_made), _i == 0 ? "[::1]:" : "127.0.0.1:", 6) == 0);
}
END_TEST

/* Its backlog is full: what comes is neither taken nor refused. */
static void fill(const char *address, uint16_t port, int fds[4])
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&to, sizeof to), 0);
    ck_assert_int_eq(listen(fds[0], 0), 0);
    for (int i = 1; i < 4; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fds[i], (struct sockaddr *)&to, sizeof to);
    }
}

static bool tries_the_silent_one(void)
{
    return strncmp(link_peer(link_made), "127.0.0.2:", 10) == 0;
}

START_TEST(an_address_that_is_silent_has_two_seconds_where_there_is_another)
{
    int fds[4];
    uint16_t port = listen_on("127.0.0.1:0");
    fill("127.0.0.2", port, fds);
    addresses[0] = "127.0.0.2";
    addresses[1] = "127.0.0.1";
    link_made = link_connect(loop, "carrier.test", port, &events, NULL);
    ck_reaches(tries_the_silent_one);
    now_ms += 1999;
    run_turns(200, NULL);
    ck_assert(!is_open && !has_failed);
    ck_assert_ptr_nonnull(strstr(link_fault(link_made), "does not answer"));
    now_ms += 1;
    ck_reaches(opens);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

START_TEST(the_last_address_has_all_the_time_that_the_owner_gives)
{
    int fds[4];
    uint16_t port = listen_on("127.0.0.1:0");
    fill("127.0.0.2", port, fds);
    addresses[0] = "127.0.0.2";
    link_made = link_connect(loop, "carrier.test", port, &events, NULL);
    ck_reaches(tries_the_silent_one);
    now_ms += 3600000;
    run_turns(200, NULL);
    ck_assert(!is_open && !has_failed);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

START_TEST(a_name_of_which_all_addresses_refuse_has_failed)
{
    addresses[0] = "127.0.0.2";
    addresses[1] = "127.0.0.3";
    link_made = link_connect(loop, "carrier.test", 9, &events, NULL);
    ck_reaches(fails);
    ck_assert_str_eq(why, "127.0.0.3:9: Connection refused");
}
END_TEST

START_TEST(a_name_of_nothing_has_failed_and_is_said)
{
    link_made = link_connect(loop, "nowhere.test", 2775, &events, NULL);
    ck_reaches(fails);
    ck_assert_msg(strstr(why, "nowhere.test:2775: ") == why, "%s", why);
}
END_TEST

START_TEST(a_name_server_that_is_silent_keeps_nobody_else_waiting)
{
    uint16_t port = listen_on("127.0.0.1:0");
    is_mute = true;
    struct link *waiting = link_connect(loop, "carrier.test", port, &events, NULL);
    ck_reaches(is_asked);
    link_made = link_connect(loop, "127.0.0.1", port, &events, NULL);
    ck_reaches(opens);
    link_close(waiting); /* while the answer is awaited: nothing is told any more */
    is_mute = false;
    run_turns(200, NULL);
    ck_assert(!has_failed);
}
END_TEST

static char ended_why[LINK_ERROR_SIZE];
static enum session_reason ended_for;

static void session_ended(void *owner, struct session *session, enum session_reason reason,
                          uint32_t status)
{
    (void)owner;
    (void)status;
    ended_for = reason;
    snprintf(ended_why, sizeof ended_why, "%s", session_fault(session));
    has_failed = true;
}

START_TEST(a_session_whose_name_is_not_resolved_in_time_says_so)
{
    static const struct session_events told = {.closed = session_ended};
    const struct session_bind bind = {.command_id = SMPP_bind_transceiver,
                                      .system_id = "me",
                                      .password = "",
                                      .system_type = "",
                                      .interface_version = 0x34};
    is_mute = true;
    session_connect(loop, "carrier.test", 2775, &bind, &session_settings_default, &told, NULL);
    ck_reaches(is_asked);
    now_ms += 9999;
    run_turns(200, NULL);
    ck_assert(!has_failed);
    now_ms += 1;
    ck_reaches(fails);
    ck_assert_int_eq(ended_for, SESSION_BIND_TIMEOUT);
    ck_assert_str_eq(ended_why, "carrier.test:2775: its name was not resolved");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("link");
    TCase *all = tcase_create("promises");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, each_address_of_a_name_is_tried_in_turn);
    tcase_add_loop_test(all, a_name_may_have_addresses_of_both_kinds, 0, 2);
    tcase_add_test(all, an_address_that_is_silent_has_two_seconds_where_there_is_another);
    tcase_add_test(all, the_last_address_has_all_the_time_that_the_owner_gives);
    tcase_add_test(all, a_name_of_which_all_addresses_refuse_has_failed);
    tcase_add_test(all, a_name_of_nothing_has_failed_and_is_said);
    tcase_add_test(all, a_name_server_that_is_silent_keeps_nobody_else_waiting);
    tcase_add_test(all, a_session_whose_name_is_not_resolved_in_time_says_so);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
