/* TLS over real sockets: two links of ours against each other, and each against a raw socket. The
 * certificates are made by openssl's command (tests/lib/make_certificates). The clock of timers
 * stands still but where a test turns it; that of certificates is the system's. */
#include <arpa/inet.h>
#include <check.h>
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
#include "base/tls.h"
#include "config/secure.h"
#include "smpp/session.h"

static int64_t now_ms = 1000000;

int64_t clock_mono_ms(void)
{
    return now_ms;
}

int64_t clock_wall_ms(void)
{
    return now_ms;
}

/* ---- certificates */

static char place[40];

static const char *file_of(const char *name)
{
    static char paths[8][80];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", place, name);
    return path;
}

static void make_certificates(void)
{
    char command[120];
    snprintf(place, sizeof place, "/tmp/assent-tls-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place));
    snprintf(command, sizeof command, "tests/lib/make_certificates %s", place);
    ck_assert_int_eq(system(command), 0);
}

static void remove_certificates(void)
{
    char command[60];
    snprintf(command, sizeof command, "rm -r %s", place);
    ck_assert_int_eq(system(command), 0);
}

static struct tls_files identity(const char *name)
{
    char certificate[40], private_key[40];
    snprintf(certificate, sizeof certificate, "%s.pem", name);
    snprintf(private_key, sizeof private_key, "%s.key", name);
    return (struct tls_files){.certificate = file_of(certificate),
                              .private_key = file_of(private_key)};
}

static struct tls *server_of(const char *name)
{
    struct tls_fault fault;
    struct tls_files files = identity(name);
    struct tls *tls = tls_open_server(&files, &fault);
    ck_assert_msg(tls != NULL, "%s", fault.why);
    return tls;
}

static struct tls *client_of(const char *authorities, bool verifies)
{
    struct tls_fault fault;
    struct tls_files files = {.authorities = file_of(authorities)};
    struct tls *tls = tls_open_client(&files, verifies, &fault);
    ck_assert_msg(tls != NULL, "%s", fault.why);
    return tls;
}

/* ---- the loop */

#define TURNS_MOST 20000

static struct loop *loop;
static unsigned turns_left;
static bool (*is_reached)(void);

static void count_turn(void *owner)
{
    (void)owner;
    bool is_over = turns_left == 0 || (is_reached != NULL && is_reached());
    if (is_over)
        loop_stop(loop);
    else
        turns_left--;
    loop_again(loop);
}

static bool reaches(bool (*condition)(void))
{
    turns_left = TURNS_MOST;
    is_reached = condition;
    loop_again(loop);
    loop_run(loop);
    return condition();
}

#define ck_reaches(condition) ck_assert_msg(reaches(condition), "never " #condition)

static void settle(void)
{
    turns_left = 200;
    is_reached = NULL;
    loop_again(loop);
    loop_run(loop);
}

/* ---- two ends */

#define FRAME       16    /* octets */
#define ROUNDS_MOST 10000 /* 16 MB: more than any two sockets hold */

struct end {
    struct link *link;
    bool is_open, has_failed, has_ended, was_writable;
    char why[LINK_ERROR_SIZE];
    size_t bite; /* octets a read; one read an event */
    uint8_t *got;
    size_t got_length;
};

static struct end client, server;
static struct tls *client_tls, *server_tls;
static struct listener *listener;
static int raw = -1;

static void end_opened(void *owner)
{
    struct end *end = owner;
    ck_assert(!end->is_open && !end->has_failed);
    end->is_open = true;
}

static void end_failed(void *owner, const char *why)
{
    struct end *end = owner;
    ck_assert(!end->is_open && !end->has_failed);
    end->has_failed = true;
    snprintf(end->why, sizeof end->why, "%s", why);
    link_close(end->link);
    end->link = NULL;
}

static void end_readable(void *owner)
{
    struct end *end = owner;
    ck_assert(end->is_open);
    end->got = mem_grow(end->got, end->got_length + end->bite);
    size_t count;
    enum link_result result = link_read(end->link, end->got + end->got_length, end->bite, &count);
    end->got_length += count;
    if (result == LINK_ENDED || result == LINK_FAILED) {
        end->has_ended = true;
        link_want_read(end->link, false);
    }
}

static void end_writable(void *owner)
{
    struct end *end = owner;
    ck_assert(end->is_open);
    end->was_writable = true;
    link_want_write(end->link, false);
}

static const struct link_events end_events = {
    .opened = end_opened, .readable = end_readable, .writable = end_writable, .failed = end_failed};

static void accepted(void *owner, int fd)
{
    (void)owner;
    server.link = link_adopt(loop, fd, &end_events, &server);
    if (server_tls != NULL)
        link_secure(server.link, server_tls, NULL);
    else
        server.is_open = true;
}

static uint16_t listen_here(void)
{
    char error[LINK_ERROR_SIZE];
    listener = listener_open(loop, "127.0.0.1:0", accepted, NULL, error);
    ck_assert_ptr_nonnull(listener);
    return (uint16_t)atoi(strrchr(listener_address(listener), ':') + 1);
}

static void connect_to(const char *host)
{
    client.link = link_connect(loop, host, listen_here(), &end_events, &client);
    if (client_tls != NULL)
        link_secure(client.link, client_tls, host);
}

static void connect_raw(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons(listen_here());
    raw = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(raw, (struct sockaddr *)&to, sizeof to), 0);
    settle();
}

static bool both_open(void)
{
    return client.is_open && server.is_open;
}

static bool client_is_judged(void)
{
    return client.has_failed || client.is_open;
}

static bool client_failed(void)
{
    return client.has_failed;
}

static bool server_failed(void)
{
    return server.has_failed;
}

static bool server_ended(void)
{
    return server.has_ended;
}

static void open_both(void)
{
    server_tls = server_of("good");
    client_tls = client_of("ca.pem", true);
    connect_to("127.0.0.1");
    ck_reaches(both_open);
}

static void set_up(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    loop = loop_open();
    session_serve(loop);
    loop_at(loop, LOOP_RELEASE, count_turn, NULL);
    client = server = (struct end){.bite = 16384};
}

static void tear_down_ends(void)
{
    link_close(client.link);
    link_close(server.link);
    listener_close(listener);
    tls_close(client_tls);
    tls_close(server_tls);
    free(client.got);
    free(server.got);
    client_tls = server_tls = NULL;
    listener = NULL;
    client = server = (struct end){.bite = 16384};
    settle();
}

static void tear_down(void)
{
    tear_down_ends();
    if (raw >= 0)
        close(raw);
    raw = -1;
    loop_close(loop);
}

/* ---- contexts */

static void refused_as(const struct tls_files *files, bool is_server, const char *file,
                       const char *words)
{
    struct tls_fault fault;
    struct tls *tls =
        is_server ? tls_open_server(files, &fault) : tls_open_client(files, true, &fault);
    ck_assert_ptr_null(tls);
    ck_assert_str_eq(fault.file, file);
    ck_assert_msg(strstr(fault.why, words) != NULL, "%s: %s", fault.file, fault.why);
}

START_TEST(a_file_that_is_no_use_is_named_with_the_reason)
{
    struct tls_files files = identity("good");
    files.certificate = file_of("missing.pem");
    refused_as(&files, true, files.certificate, "No such file");
    files = identity("good");
    files.private_key = file_of("missing.key");
    refused_as(&files, true, files.private_key, "No such file");
    files = identity("good");
    files.certificate = files.private_key;
    refused_as(&files, true, files.certificate, "holds no certificate");
    files = identity("good");
    files.private_key = file_of("ca.pem");
    refused_as(&files, true, files.private_key, "holds no private key");
    files.private_key = file_of("locked.key");
    refused_as(&files, true, files.private_key, "behind a passphrase");
    files.private_key = file_of("other.key");
    refused_as(&files, true, files.private_key, "is not the key of the certificate");
    files = (struct tls_files){.authorities = file_of("missing.pem")};
    refused_as(&files, false, files.authorities, "No such file");
    files.authorities = file_of("good.key");
    refused_as(&files, false, files.authorities, "holds no certificate");
    files.authorities = place;
    refused_as(&files, false, files.authorities, "holds no certificate");
}
END_TEST

/* ---- whom a client believes */

static const struct trial {
    const char *server, *authorities, *host;
    bool verifies;
    const char *words; /* NULL: it opens */
} trials[] = {
    {"good", "ca.pem", "127.0.0.1", true, NULL},
    {"good", "ca.pem", "localhost", true, NULL},
    {"stranger", "stranger.pem", "localhost", true, NULL},
    {"other", "ca.pem", "localhost", true, "ostname mismatch"},
    {"other", "ca.pem", "127.0.0.1", true, "IP address mismatch"},
    {"good", "stranger.pem", "127.0.0.1", true, "unable to get local issuer certificate"},
    {"stranger", "ca.pem", "127.0.0.1", true, "self-signed certificate"},
    {"expired", "ca.pem", "127.0.0.1", true, "certificate has expired"},
    {"client", "ca.pem", "127.0.0.1", true, "its certificate is refused"},
    {"other", "ca.pem", "localhost", false, NULL},
    {"expired", "ca.pem", "127.0.0.1", false, NULL},
    {"stranger", "ca.pem", "127.0.0.1", false, NULL},
};

START_TEST(a_client_believes_who_proves_its_name_and_nobody_else)
{
    const struct trial *trial = &trials[_i];
    server_tls = server_of(trial->server);
    client_tls = client_of(trial->authorities, trial->verifies);
    connect_to(trial->host);
    ck_reaches(client_is_judged);
    ck_assert_msg(client.is_open == (trial->words == NULL), "%s", client.why);
    if (trial->words == NULL) {
        ck_reaches(both_open);
        return;
    }
    ck_assert_msg(strstr(client.why, trial->words) != NULL, "%s", client.why);
    ck_assert_ptr_nonnull(strstr(client.why, "127.0.0.1:"));
    ck_reaches(server_failed); /* it hears that it was not believed */
}
END_TEST

/* A reload may replace it while a connection is being made. */
START_TEST(a_context_may_be_closed_before_the_handshake_begins)
{
    server_tls = server_of("good");
    client_tls = client_of("ca.pem", true);
    connect_to("127.0.0.1");
    tls_close(client_tls);
    client_tls = NULL;
    ck_reaches(both_open);
}
END_TEST

/* ---- all that a config says */

static struct config_carrier carrier_with(char *name, char *authorities, char *none)
{
    return (struct config_carrier){.name = name,
                                   .tls = true,
                                   .ca_file = authorities,
                                   .certificate = none,
                                   .private_key = none};
}

START_TEST(all_files_of_a_config_can_be_used_or_none_is)
{
    char none[] = "", nowhere[] = "/nowhere/ca.pem", a[] = "a", b[] = "b", error[200];
    char *authorities = mem_text(file_of("ca.pem"));
    struct config_carrier carriers[] = {carrier_with(a, authorities, none),
                                        carrier_with(b, nowhere, none)};
    struct config config = {.http = {.certificate = none},
                            .smpp = {.certificate = none},
                            .callbacks = {.ca_file = none},
                            .carriers = carriers,
                            .carrier_count = 2};
    struct secured secured;
    ck_assert(!secured_open(&config, &secured, error, sizeof error));
    ck_assert_str_eq(error, "b: /nowhere/ca.pem can't be read: No such file or directory");
    config.carrier_count = 1;
    ck_assert(secured_open(&config, &secured, error, sizeof error));
    ck_assert_ptr_null(secured.http);
    ck_assert_ptr_nonnull(secured.carriers[0]);
    secured_wipe(&secured);
    free(authorities);
}
END_TEST

/* ---- who doesn't speak TLS */

static const char *const strangers[] = {
    "\0\0\0\x2f\0\0\0\x09\0\0\0\0\0\0\0\x01", /* the head of a bind_transceiver */
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n    ",
    "\x16\x03\x01\xff\xff\x01\xff\xff\xff garbage",
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
};

START_TEST(what_is_not_tls_at_a_tls_port_fails)
{
    server_tls = server_of("good");
    connect_raw();
    ck_assert_int_eq(write(raw, strangers[_i], 16), 16);
    ck_reaches(server_failed);
    ck_assert_msg(strstr(server.why, "TLS") != NULL, "%s", server.why);
}
END_TEST

START_TEST(one_that_hangs_up_before_the_handshake_ends_has_failed)
{
    server_tls = server_of("good");
    connect_raw();
    close(raw);
    raw = -1;
    ck_reaches(server_failed);
    ck_assert_msg(strstr(server.why, "closed the connection") != NULL, "%s", server.why);
}
END_TEST

START_TEST(a_plain_server_fails_a_tls_client)
{
    client_tls = client_of("ca.pem", true);
    connect_to("127.0.0.1");
    settle();
    ck_assert(!client_is_judged());
    size_t taken;
    /* a generic_nack, as an SMSC says to what it can't read */
    static const uint8_t nack[] = {0, 0, 0, 16, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0};
    ck_assert_int_eq(link_write(server.link, octets_of(nack, sizeof nack), &taken), LINK_OK);
    ck_reaches(client_failed);
    ck_assert_msg(strstr(client.why, "what came is not TLS") != NULL, "%s", client.why);
}
END_TEST

/* ---- octets */

#define SOME  (100 * FRAME)
#define IDLES 5 /* refusals in a row: the sockets are full, and nobody reads */

static void frames_write(uint8_t out[SOME])
{
    static unsigned number;
    char text[FRAME + 1];
    for (size_t at = 0; at < SOME; at += FRAME) {
        snprintf(text, sizeof text, "frame %09u\n", number++ % 1000000000);
        memcpy(out + at, text, FRAME);
    }
}

/* Writes numbered frames until nothing more is taken, or for so many rounds. What was not taken is
 * withdrawn: the next write comes with other frames, as an outbox does. */
static size_t write_and_withdraw(uint8_t *sent, size_t rounds)
{
    uint8_t out[SOME];
    size_t length = 0;
    for (unsigned idle = 0; rounds > 0 && idle < IDLES; rounds--) {
        size_t taken;
        frames_write(out);
        enum link_result result = link_write(client.link, octets_of(out, SOME), &taken);
        if (result == LINK_LATER) {
            ck_assert_uint_eq(taken, 0);
            idle++;
            settle();
            continue;
        }
        ck_assert_int_eq(result, LINK_OK);
        ck_assert_uint_eq(taken, SOME); /* less than a record is one record */
        memcpy(sent + length, out, taken);
        length += taken;
        idle = 0;
    }
    return length;
}

static size_t wanted;

static bool server_has_all(void)
{
    return server.got_length >= wanted;
}

START_TEST(what_was_taken_arrives_once_whole_and_in_order_whatever_else_was_withdrawn)
{
    open_both();
    uint8_t *sent = mem_new((size_t)SOME * 2 * ROUNDS_MOST);
    link_want_read(server.link, false);
    wanted = write_and_withdraw(sent, ROUNDS_MOST);
    ck_assert(!link_has_left(client.link));
    ck_assert(!client.was_writable);
    link_want_read(server.link, true);
    ck_reaches(server_has_all);
    ck_assert(client.was_writable); /* told, though not asked for */
    ck_assert(link_has_left(client.link));
    wanted += write_and_withdraw(sent + wanted, 200);
    ck_reaches(server_has_all);
    ck_assert_uint_eq(server.got_length, wanted);
    ck_assert_mem_eq(server.got, sent, wanted);
    free(sent);
}
END_TEST

START_TEST(what_tls_holds_is_told_though_the_socket_is_empty)
{
    open_both();
    server.bite = 100;
    uint8_t record[16384];
    memset(record, 'x', sizeof record);
    size_t taken;
    ck_assert_int_eq(link_write(client.link, octets_of(record, sizeof record), &taken), LINK_OK);
    wanted = 500;
    ck_reaches(server_has_all);
    link_want_read(server.link, false);
    settle();
    size_t before = server.got_length;
    settle();
    ck_assert_uint_eq(server.got_length, before);
    ck_assert_uint_lt(before, taken);
    link_want_read(server.link, true);
    wanted = taken;
    ck_reaches(server_has_all);
    ck_assert_uint_eq(server.got_length, taken);
}
END_TEST

START_TEST(a_peer_that_closes_has_ended)
{
    open_both();
    link_close(client.link);
    client.link = NULL;
    ck_reaches(server_ended);
}
END_TEST

/* ---- sessions */

struct side {
    struct session *session;
    bool is_bound, is_closed;
    enum session_reason reason;
    char fault[LINK_ERROR_SIZE];
};

static struct side esme, mc;
static struct session_settings settings;

static void side_bound(void *owner, struct session *session)
{
    struct side *side = owner;
    (void)session;
    side->is_bound = true;
}

static void side_request(void *owner, struct session *session, const struct pdu *pdu)
{
    (void)owner;
    session_accept_bind(session, pdu, "MC");
}

static void side_closed(void *owner, struct session *session, enum session_reason reason,
                        uint32_t status)
{
    struct side *side = owner;
    (void)status;
    side->is_closed = true;
    side->reason = reason;
    snprintf(side->fault, sizeof side->fault, "%s", session_fault(session));
}

static const struct session_events side_events = {
    .bound = side_bound, .request = side_request, .closed = side_closed};

static void mc_accepted(void *owner, int fd)
{
    (void)owner;
    settings.tls = server_tls;
    mc.session = session_adopt(loop, fd, &settings, &side_events, &mc);
}

static void bind_sessions(const char *server_name)
{
    char error[LINK_ERROR_SIZE];
    struct session_bind as = {.command_id = SMPP_bind_transceiver,
                              .system_id = "esme",
                              .password = "pw",
                              .system_type = "",
                              .interface_version = 0x34};
    esme = mc = (struct side){0};
    settings = session_settings_default;
    server_tls = server_of(server_name);
    client_tls = client_of("ca.pem", true);
    listener = listener_open(loop, "127.0.0.1:0", mc_accepted, NULL, error);
    settings.tls = client_tls;
    esme.session = session_connect(loop, "localhost",
                                   (uint16_t)atoi(strrchr(listener_address(listener), ':') + 1),
                                   &as, &settings, &side_events, &esme);
}

static bool both_bound(void)
{
    return esme.is_bound && mc.is_bound;
}

static bool both_closed(void)
{
    return esme.is_closed && mc.is_closed;
}

START_TEST(a_session_binds_and_unbinds_over_tls)
{
    bind_sessions("good");
    ck_reaches(both_bound);
    session_leave(esme.session, 0);
    ck_reaches(both_closed);
    ck_assert_int_eq(esme.reason, SESSION_WE_UNBOUND);
    ck_assert_int_eq(mc.reason, SESSION_PEER_UNBOUND);
}
END_TEST

START_TEST(a_session_says_why_it_did_not_believe_its_peer)
{
    bind_sessions("expired");
    ck_reaches(both_closed);
    ck_assert_int_eq(esme.reason, SESSION_CONNECT_FAILED);
    ck_assert_ptr_nonnull(strstr(esme.fault, "certificate has expired"));
    ck_assert_int_eq(mc.reason, SESSION_CONNECT_FAILED);
    ck_assert_ptr_nonnull(strstr(mc.fault, "alert"));
    ck_assert(!esme.is_bound && !mc.is_bound);
}
END_TEST

START_TEST(one_that_never_shakes_hands_is_closed_in_time)
{
    bind_sessions("good");
    session_close(esme.session, SESSION_OPERATOR);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)atoi(strrchr(listener_address(listener), ':') + 1));
    raw = socket(AF_INET, SOCK_STREAM, 0);
    settle();
    mc = (struct side){0};
    ck_assert_int_eq(connect(raw, (struct sockaddr *)&to, sizeof to), 0);
    settle();
    ck_assert_ptr_nonnull(mc.session);
    ck_assert(!mc.is_closed);
    now_ms += settings.bind_ms;
    settle();
    ck_assert(mc.is_closed);
    ck_assert_int_eq(mc.reason, SESSION_BIND_TIMEOUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls");
    TCase *all = tcase_create("all");
    tcase_add_unchecked_fixture(all, make_certificates, remove_certificates);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 30);
    tcase_add_test(all, a_file_that_is_no_use_is_named_with_the_reason);
    tcase_add_loop_test(all, a_client_believes_who_proves_its_name_and_nobody_else, 0,
                        (int)(sizeof trials / sizeof trials[0]));
    tcase_add_loop_test(all, what_is_not_tls_at_a_tls_port_fails, 0,
                        (int)(sizeof strangers / sizeof strangers[0]));
    tcase_add_test(all, one_that_hangs_up_before_the_handshake_ends_has_failed);
    tcase_add_test(all, a_plain_server_fails_a_tls_client);
    tcase_add_test(all, all_files_of_a_config_can_be_used_or_none_is);
    tcase_add_test(all, a_context_may_be_closed_before_the_handshake_begins);
    tcase_add_test(all, what_was_taken_arrives_once_whole_and_in_order_whatever_else_was_withdrawn);
    tcase_add_test(all, what_tls_holds_is_told_though_the_socket_is_empty);
    tcase_add_test(all, a_peer_that_closes_has_ended);
    tcase_add_test(all, a_session_binds_and_unbinds_over_tls);
    tcase_add_test(all, a_session_says_why_it_did_not_believe_its_peer);
    tcase_add_test(all, one_that_never_shakes_hands_is_closed_in_time);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
