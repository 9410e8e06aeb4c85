/* The session, from both sides: an ESME and an MC of ours against each other, and each against a
 * raw socket that says what no session of ours would. The clock stands still but where a test turns
 * it. */
#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "src/smpp/session_parts.h"

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

/* ---- the loop, turn by turn */

#define TURNS_MOST 20000 /* an eternity: a turn without work takes microseconds */

static struct loop *loop;
static unsigned turns_left;
static bool (*is_reached)(void);
static void (*in_dispatch)(void); /* once, in that stage of the next turn */
static void (*in_commit)(void);
static void (*in_left)(void); /* once, when an answer has left */

static void run_once(void (**step)(void))
{
    void (*now)(void) = *step;
    *step = NULL;
    if (now != NULL)
        now();
}

static void dispatch(void *owner)
{
    (void)owner;
    run_once(&in_dispatch);
}

static void commit(void *owner)
{
    (void)owner;
    run_once(&in_commit);
}

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

static void run_turns(unsigned count)
{
    turns_left = count;
    is_reached = NULL;
    loop_again(loop);
    loop_run(loop);
}

static void settle(void)
{
    run_turns(60);
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

static void pass(int64_t wait_ms)
{
    now_ms += wait_ms;
    settle();
}

/* ---- an owner that remembers */

struct heard {
    uint64_t tag;
    unsigned part;
    enum session_fate fate;
    uint32_t status;
    char id[24];
};

struct side {
    struct session *session;
    unsigned bound_count, request_count, heard_count, left_count, unreadable_count;
    struct pdu requests[64]; /* without views */
    struct heard heard[64];
    uint64_t left[64];
    bool is_closed;
    enum session_reason reason;
    uint32_t status;
    unsigned heard_at_close;
    bool leaves_open; /* doesn't answer requests by itself */
    uint32_t answers; /* with this status */
    bool closes_in_answered;
    enum { UNTOLD, IN_DOUBT, TOLD } told[256]; /* by tag */
};

static struct side esme, mc;

static void side_bound(void *owner, struct session *session)
{
    struct side *side = owner;
    (void)session;
    side->bound_count++;
}

static void answer(struct side *side, const struct pdu *request)
{
    struct pdu response = {.command_status = side->answers};
    bool has_id = request->command_id == SMPP_submit_sm && side->answers == ESME_ROK;
    if (has_id)
        response.message_id = octets_text("id-1");
    if (session_is_bind(request->command_id) && side->answers == ESME_ROK)
        session_accept_bind(side->session, request, "MC");
    else
        session_answer(side->session, request, &response, request->sequence_number);
}

static void side_request(void *owner, struct session *session, const struct pdu *pdu)
{
    struct side *side = owner;
    (void)session;
    side->requests[side->request_count++ % 64] = (struct pdu){
        .command_id = pdu->command_id,
        .sequence_number = pdu->sequence_number,
        .interface_version = pdu->interface_version,
        .sm_length = pdu->sm_length,
    };
    if (!side->leaves_open)
        answer(side, pdu);
}

static void side_answered(void *owner, struct session *session, uint64_t tag, unsigned part,
                          enum session_fate fate, const struct pdu *response)
{
    struct side *side = owner;
    ck_assert(!side->is_closed);
    ck_assert((response != NULL) == (fate == SESSION_ANSWERED));
    bool is_late = fate == SESSION_ANSWERED && side->told[tag % 256] == IN_DOUBT;
    ck_assert(side->told[tag % 256] == UNTOLD || is_late);
    side->told[tag % 256] = fate == SESSION_UNANSWERED ? IN_DOUBT : TOLD;
    struct heard *heard = &side->heard[side->heard_count++ % 64];
    *heard = (struct heard){.tag = tag, .part = part, .fate = fate};
    if (response != NULL) {
        heard->status = response->command_status;
        octets_copy_text(response->message_id, heard->id, sizeof heard->id);
    }
    if (side->closes_in_answered)
        session_close(session, SESSION_OPERATOR);
}

static void side_left(void *owner, struct session *session, uint64_t tag)
{
    struct side *side = owner;
    (void)session;
    side->left[side->left_count++ % 64] = tag;
    run_once(&in_left);
}

static void side_closed(void *owner, struct session *session, enum session_reason reason,
                        uint32_t status)
{
    struct side *side = owner;
    ck_assert(!side->is_closed);
    ck_assert(session == side->session);
    side->is_closed = true;
    side->reason = reason;
    side->status = status;
    side->heard_at_close = side->heard_count;
}

static void side_unreadable(void *owner, struct session *session, const struct pdu *header,
                            struct octets frame)
{
    struct side *side = owner;
    ck_assert_uint_ge(frame.length, 16);
    side->unreadable_count++;
    session_answer(session, header, NULL, 0);
}

static struct session_events events = {
    .bound = side_bound,
    .request = side_request,
    .answered = side_answered,
    .left = side_left,
    .closed = side_closed,
    .unreadable = side_unreadable,
};

static struct session_settings settings;

static bool both_bound(void)
{
    return esme.bound_count > 0 && mc.bound_count > 0;
}

static bool both_closed(void)
{
    return esme.is_closed && mc.is_closed;
}

static bool esme_closed(void)
{
    return esme.is_closed;
}

static bool mc_closed(void)
{
    return mc.is_closed;
}

/* ---- the peers */

static struct listener *listener;
static int raw = -1, raw_listener = -1;

static void accept_one(void *owner, int fd)
{
    (void)owner;
    mc.session = session_adopt(loop, fd, &settings, &events, &mc);
}

static uint16_t listen_with_mc(void)
{
    char error[LINK_ERROR_SIZE];
    listener = listener_open(loop, "127.0.0.1:0", accept_one, NULL, error);
    ck_assert_ptr_nonnull(listener);
    return (uint16_t)atoi(strrchr(listener_address(listener), ':') + 1);
}

static void connect_esme(uint16_t port, uint32_t command_id, uint8_t version)
{
    struct session_bind bind = {
        .command_id = command_id,
        .system_id = "esme",
        .password = "pw",
        .system_type = "",
        .interface_version = version,
    };
    esme.session = session_connect(loop, "127.0.0.1", port, &bind, &settings, &events, &esme);
}

static void bind_both(uint32_t command_id)
{
    connect_esme(listen_with_mc(), command_id, 0x34);
    ck_reaches(both_bound);
}

static void prepare_raw(void)
{
    int on = 1;
    setsockopt(raw, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(raw, F_SETFL, O_NONBLOCK);
    settle();
}

/* A raw client of our MC. */
static void connect_raw(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons(listen_with_mc());
    raw = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(raw, (struct sockaddr *)&to, sizeof to), 0);
    prepare_raw();
    ck_assert_ptr_nonnull(mc.session);
}

/* A raw server; gives its port. */
static uint16_t listen_raw(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    raw_listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(raw_listener, (struct sockaddr *)&at, length), 0);
    ck_assert_int_eq(listen(raw_listener, 1), 0);
    getsockname(raw_listener, (struct sockaddr *)&at, &length);
    return ntohs(at.sin_port);
}

static void accept_from_raw(void)
{
    settle();
    raw = accept(raw_listener, NULL, NULL);
    ck_assert_int_ge(raw, 0);
    prepare_raw();
}

/* … of our ESME. */
static void accept_raw(uint32_t command_id)
{
    connect_esme(listen_raw(), command_id, 0x34);
    accept_from_raw();
}

/* … that our MC calls. */
static void call_raw(const char *password)
{
    struct session_bind outbind = {.system_id = "MC", .password = password, .system_type = ""};
    mc.session = session_call(loop, "127.0.0.1", listen_raw(), &outbind, &settings, &events, &mc);
    accept_from_raw();
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    char digits[2048];
    size_t used = 0;
    for (; *hex != '\0'; hex++) {
        if (*hex != ' ')
            digits[used++] = *hex;
    }
    ck_assert(octets_from_hex(octets_of(digits, used), out));
    return used / 2;
}

static void raw_says(const char *hex)
{
    uint8_t octets[1024];
    size_t length = from_hex(hex, octets);
    ck_assert_int_eq(write(raw, octets, length), (ssize_t)length);
    settle();
}

/* Just these octets and no more, in as many pieces as they come. */
static void raw_hears(const char *hex)
{
    uint8_t expected[1024], got[1024];
    char text[2049];
    size_t length = from_hex(hex, expected), used = 0;
    for (unsigned i = 0; i < TURNS_MOST && used < length; i++) {
        run_turns(i == 0 ? 60 : 1);
        ssize_t count = read(raw, got + used, sizeof got - used);
        used += count > 0 ? (size_t)count : 0;
    }
    octets_to_hex(octets_of(got, used), text);
    ck_assert_msg(octets_equal(octets_of(got, used), octets_of(expected, length)),
                  "heard %s instead of %s", text, hex);
}

static void raw_hears_nothing(void)
{
    uint8_t octet;
    settle();
    ck_assert_int_eq(read(raw, &octet, 1), -1);
}

static void raw_hears_the_end(void)
{
    uint8_t octet;
    settle();
    ck_assert_int_eq(read(raw, &octet, 1), 0);
}

#define BIND_TRX    "00000019 00000009 00000000 00000001 6100 7000 00 34 0000 00 "
#define BOUND_TRX   "00000018 80000009 00000000 00000001 4D4300 0210000150"
#define ESME_BIND   "0000001D 00000009 00000000 00000001 65736D6500 707700 00 34 0000 00"
#define ENQUIRE(n)  "00000010 00000015 00000000 000000" n
#define ENQUIRED(n) "00000010 80000015 00000000 000000" n
#define UNBIND(n)   "00000010 00000006 00000000 000000" n
#define UNBOUND(n)  "00000010 80000006 00000000 000000" n
#define SUBMIT(n)                                                                                  \
    "00000024 00000004 00000000 000000" n " 00 000000 000000 000000 0000 00000000 03 414243 "
#define SUBMITTED(n) "00000015 80000004 00000000 000000" n " 69642D3100 "
#define DELIVER(n)                                                                                 \
    "00000025 00000005 00000000 000000" n " 00 000000 000000 000000 0000 00000000 04 53544F50 "
#define DELIVERED(n) "00000011 80000005 00000000 000000" n " 00"

static void bind_raw(void)
{
    connect_raw();
    raw_says(BIND_TRX);
    raw_hears(BOUND_TRX);
    ck_assert_int_eq(session_state(mc.session), SESSION_STATE_BOUND_TRX);
}

/* Our ESME, bound to a raw server. */
static void bind_to_raw(void)
{
    accept_raw(SMPP_bind_transceiver);
    raw_hears(ESME_BIND);
    raw_says(BOUND_TRX);
    ck_assert_uint_eq(esme.bound_count, 1);
}

static bool submit(uint64_t tag)
{
    struct pdu pdu = {.command_id = SMPP_submit_sm, .short_message = octets_text("ABC")};
    return session_submit(esme.session, &pdu, tag, 1);
}

static bool is_any(void *who, uint64_t tag, unsigned part)
{
    (void)who;
    (void)tag;
    (void)part;
    return true;
}

static bool is_tag(void *who, uint64_t tag, unsigned part)
{
    return tag == *(const uint64_t *)who && part == 1;
}

struct sought {
    const char *name;
    uint64_t count;
};

static void look_at(void *who, const struct session_deviated *deviated)
{
    struct sought *sought = who;
    if (strcmp(sought->name, deviated->name) == 0)
        sought->count = deviated->count;
}

static uint64_t deviations(const struct session *session, const char *name)
{
    struct sought sought = {.name = name};
    session_deviations(session, look_at, &sought);
    return sought.count;
}

static void set_up(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    settings = session_settings_default;
    loop = loop_open();
    loop_at(loop, LOOP_DISPATCH, dispatch, NULL);
    loop_at(loop, LOOP_COMMIT, commit, NULL);
    session_serve(loop);
    loop_at(loop, LOOP_RELEASE, count_turn, NULL);
}

static void tear_down(void)
{
    if (esme.session != NULL && !esme.is_closed)
        session_close(esme.session, SESSION_STOPPING);
    if (mc.session != NULL && !mc.is_closed)
        session_close(mc.session, SESSION_STOPPING);
    listener_close(listener);
    close(raw);
    close(raw_listener);
    loop_close(loop);
}

/* ---- bind */

static void binds_as(uint32_t command_id, enum session_state state, bool submits, bool hears)
{
    bind_both(command_id);
    ck_assert_int_eq(session_state(esme.session), state);
    ck_assert_int_eq(session_state(mc.session), state);
    ck_assert(session_may_submit(esme.session) == submits);
    ck_assert(session_may_hear(mc.session) == hears);
    ck_assert_uint_eq(session_room(esme.session), submits ? 10 : 0);
    ck_assert(submit(1) == submits);
    struct pdu deliver = {.command_id = SMPP_deliver_sm};
    ck_assert(session_request(mc.session, &deliver, 1) == hears);
    settle();
    ck_assert_uint_eq(esme.heard_count, submits ? 1 : 0);
    ck_assert_uint_eq(mc.heard_count, hears ? 1 : 0);
    ck_assert(session_takes_tlvs(esme.session) && session_takes_tlvs(mc.session));
    ck_assert_uint_eq(session_version(esme.session), 0x34);
    ck_assert_uint_eq(session_version(mc.session), 0x34);
}

START_TEST(a_transmitter_submits_and_hears_nothing)
{
    binds_as(SMPP_bind_transmitter, SESSION_STATE_BOUND_TX, true, false);
}
END_TEST

START_TEST(a_receiver_hears_and_submits_nothing)
{
    binds_as(SMPP_bind_receiver, SESSION_STATE_BOUND_RX, false, true);
}
END_TEST

START_TEST(a_transceiver_does_both)
{
    binds_as(SMPP_bind_transceiver, SESSION_STATE_BOUND_TRX, true, true);
}
END_TEST

START_TEST(a_33_client_gets_no_tlv)
{
    connect_raw();
    raw_says("00000019 00000001 00000000 00000001 6100 7000 00 33 0000 00");
    raw_hears("00000013 80000001 00000000 00000001 4D4300");
    ck_assert_uint_eq(session_version(mc.session), 0x33);
    ck_assert(!session_takes_tlvs(mc.session));
}
END_TEST

START_TEST(a_bind_response_without_version_means_no_tlvs_until_the_mc_sends_one)
{
    accept_raw(SMPP_bind_transceiver);
    raw_hears(ESME_BIND);
    raw_says("00000013 80000009 00000000 00000001 4D4300");
    ck_assert_uint_eq(esme.bound_count, 1);
    ck_assert(!session_takes_tlvs(esme.session));
    raw_says("00000026 00000005 00000000 00000001 00 000000 000000 000000 0000 00000000 00 "
             "0427000102");
    ck_assert(session_takes_tlvs(esme.session));
}
END_TEST

START_TEST(requests_behind_a_bind_wait_for_its_judgement)
{
    connect_raw();
    mc.leaves_open = true;
    raw_says(BIND_TRX SUBMIT("02") ENQUIRE("03"));
    raw_hears_nothing();
    ck_assert_uint_eq(mc.request_count, 1);
    mc.leaves_open = false;
    session_accept_bind(mc.session, &mc.requests[0], "MC");
    raw_hears(BOUND_TRX ENQUIRED("03") SUBMITTED("02"));
    ck_assert_uint_eq(mc.request_count, 2);
}
END_TEST

START_TEST(a_deliver_sm_glued_to_the_bind_response_meets_a_bound_session)
{
    accept_raw(SMPP_bind_transceiver);
    raw_hears(ESME_BIND);
    raw_says(BOUND_TRX DELIVER("07"));
    raw_hears(DELIVERED("07"));
    ck_assert_uint_eq(esme.request_count, 1);
    ck_assert_uint_eq(esme.requests[0].sm_length, 4);
}
END_TEST

START_TEST(a_refused_bind_ends_the_esme_with_its_status)
{
    mc.answers = ESME_RBINDFAIL;
    connect_esme(listen_with_mc(), SMPP_bind_transceiver, 0x34);
    ck_reaches(esme_closed);
    ck_assert_int_eq(esme.reason, SESSION_BIND_REFUSED);
    ck_assert_uint_eq(esme.status, ESME_RBINDFAIL);
    ck_assert_uint_eq(esme.bound_count, 0);
}
END_TEST

START_TEST(a_refused_bind_leaves_the_mc_open_for_another)
{
    connect_raw();
    mc.answers = ESME_RINVPASWD;
    raw_says(BIND_TRX);
    raw_hears("00000010 80000009 0000000E 00000001");
    ck_assert_int_eq(session_state(mc.session), SESSION_STATE_OPEN);
    mc.answers = ESME_ROK;
    raw_says(BIND_TRX);
    raw_hears(BOUND_TRX);
}
END_TEST

START_TEST(a_nack_to_the_bind_is_a_refusal)
{
    accept_raw(SMPP_bind_transceiver);
    raw_says("00000010 80000000 00000003 00000001");
    ck_assert(esme.is_closed);
    ck_assert_int_eq(esme.reason, SESSION_BIND_REFUSED);
    ck_assert_uint_eq(esme.status, ESME_RINVCMDID);
}
END_TEST

START_TEST(whoever_does_not_bind_in_time_is_closed)
{
    connect_raw();
    pass(9999);
    ck_assert(!mc.is_closed);
    pass(1);
    ck_assert_int_eq(mc.reason, SESSION_BIND_TIMEOUT);
    raw_hears_the_end();
}
END_TEST

START_TEST(an_mc_that_does_not_answer_the_bind_is_left)
{
    settings.enquire_link_ms = 1000;
    accept_raw(SMPP_bind_transceiver);
    raw_hears(ESME_BIND);
    pass(9000);
    raw_hears_nothing(); /* between the bind and its answer nothing is sent */
    pass(1000);
    ck_assert_int_eq(esme.reason, SESSION_BIND_TIMEOUT);
}
END_TEST

START_TEST(nobody_there_is_told)
{
    connect_esme(1, SMPP_bind_transceiver, 0x34);
    ck_reaches(esme_closed);
    ck_assert_int_eq(esme.reason, SESSION_CONNECT_FAILED);
}
END_TEST

START_TEST(a_bind_that_can_not_be_written_is_told)
{
    struct session_bind bind = {
        .command_id = SMPP_bind_transceiver,
        .system_id = "longer than fifteen",
        .password = "",
        .system_type = "",
        .interface_version = 0x34,
    };
    uint16_t port = listen_with_mc();
    esme.session = session_connect(loop, "127.0.0.1", port, &bind, &settings, &events, &esme);
    ck_reaches(esme_closed);
    ck_assert_int_eq(esme.reason, SESSION_BIND_UNWRITABLE);
}
END_TEST

START_TEST(a_second_bind_changes_nothing)
{
    bind_raw();
    raw_says("00000019 00000002 00000000 00000002 6100 7000 00 34 0000 00");
    raw_hears("00000010 80000002 00000005 00000002");
    ck_assert_int_eq(session_state(mc.session), SESSION_STATE_BOUND_TRX);
    ck_assert_uint_eq(mc.request_count, 1);
}
END_TEST

START_TEST(before_a_bind_enquire_link_is_answered_and_three_others_end_it)
{
    connect_raw();
    raw_says(ENQUIRE("01"));
    raw_hears(ENQUIRED("01"));
    raw_says(SUBMIT("02") SUBMIT("03"));
    raw_hears("00000010 80000004 00000004 00000002 00000010 80000004 00000004 00000003");
    ck_assert(!mc.is_closed);
    raw_says(SUBMIT("04"));
    raw_hears("00000010 80000004 00000004 00000004");
    ck_assert_int_eq(mc.reason, SESSION_MISPLACED);
    ck_assert_uint_eq(mc.request_count, 0);
}
END_TEST

START_TEST(an_unbind_before_a_bind_is_answered)
{
    connect_raw();
    raw_says(UNBIND("01"));
    raw_hears(UNBOUND("01"));
}
END_TEST

/* ---- framing */

START_TEST(pdus_may_come_octet_by_octet)
{
    connect_raw();
    uint8_t octets[256];
    size_t length = from_hex(BIND_TRX SUBMIT("02"), octets);
    for (size_t i = 0; i < length; i++) {
        ck_assert_int_eq(write(raw, octets + i, 1), 1);
        run_turns(3);
    }
    raw_hears(BOUND_TRX SUBMITTED("02"));
}
END_TEST

START_TEST(a_pdu_that_does_not_end_is_waited_for_only_so_long)
{
    bind_raw();
    raw_says("00000024 00000004 0000");
    pass(9999);
    ck_assert(!mc.is_closed);
    pass(1);
    ck_assert_int_eq(mc.reason, SESSION_CUT_OFF);
}
END_TEST

START_TEST(half_a_pdu_at_the_end_was_never_received)
{
    bind_raw();
    raw_says("00000024 00000004 00000000 00000002 00 00");
    shutdown(raw, SHUT_WR);
    ck_reaches(mc_closed);
    ck_assert_int_eq(mc.reason, SESSION_PEER_CLOSED);
    ck_assert_uint_eq(mc.request_count, 1);
}
END_TEST

START_TEST(a_length_below_a_header_is_nacked_and_ends_it)
{
    bind_raw();
    raw_says("0000000F 00000015 00000000 0000000A");
    raw_hears("00000010 80000000 00000002 00000000");
    ck_assert_int_eq(mc.reason, SESSION_BAD_LENGTH);
}
END_TEST

START_TEST(a_length_above_the_limit_is_nacked_with_its_sequence_and_ends_it)
{
    bind_raw();
    raw_says("7FFFFFFF 00000004 00000000 0000000B");
    raw_hears("00000010 80000000 00000002 0000000B");
    ck_assert_int_eq(mc.reason, SESSION_BAD_LENGTH);
}
END_TEST

START_TEST(a_length_above_the_limit_of_nothing_known_is_nacked_with_zero)
{
    bind_raw();
    raw_says("00011171 00000999 00000000 0000000B");
    raw_hears("00000010 80000000 00000002 00000000");
}
END_TEST

START_TEST(before_a_bind_512_octets_are_enough)
{
    connect_raw();
    raw_says("00000201 00000009 00000000 0000000B");
    raw_hears("00000010 80000000 00000002 0000000B");
    ck_assert_int_eq(mc.reason, SESSION_BAD_LENGTH);
}
END_TEST

START_TEST(memory_grows_by_what_comes_not_by_what_is_announced)
{
    bind_raw();
    raw_says("0000EA60 00000004 00000000 0000000B");
    ck_assert(!mc.is_closed);
    ck_assert_uint_lt(mc.session->input_room, 20000);
}
END_TEST

START_TEST(tls_and_http_are_left_without_a_word)
{
    static const char *const greetings[] = {"16030100", "47455420", "504F5354"};
    for (unsigned i = 0; i < 3; i++) {
        mc = (struct side){0};
        connect_raw();
        raw_says(greetings[i]);
        ck_assert_int_eq(mc.reason, SESSION_NOT_SMPP);
        raw_hears_the_end();
        close(raw);
        listener_close(listener);
    }
    listener = NULL;
}
END_TEST

START_TEST(a_web_server_is_no_carrier)
{
    accept_raw(SMPP_bind_transceiver);
    raw_says("48545450 2F312E31 20343030 20426164");
    ck_assert_int_eq(esme.reason, SESSION_NOT_SMPP);
}
END_TEST

/* ---- requests of the peer */

START_TEST(what_is_broken_or_unknown_is_answered_and_the_session_stays)
{
    bind_raw();
    raw_says("00000010 00000999 00000000 0000000C");
    raw_hears("00000010 80000000 00000003 0000000C");
    raw_says("00000010 80000999 00000000 0000000D");
    raw_says("00000010 80000000 00000003 00000000");
    raw_hears_nothing();
    raw_says("00000014 00000004 00000000 0000000E 00010131");
    raw_hears("00000010 80000004 00000002 0000000E");
    raw_says("0000003B 00000004 00000000 0000000F 000101313230363535353031303000010131343135"
             "35353530313233000000000000000000000553544F50");
    raw_hears("00000010 80000004 00000001 0000000F");
    raw_says("00000039 00000103 00000000 00000010 000101313230363535353031303000010131343135"
             "35353530313233000000000424000948656C6C6F");
    raw_hears("00000010 80000103 000000C0 00000010");
    ck_assert_int_eq(session_state(mc.session), SESSION_STATE_BOUND_TRX);
    ck_assert_uint_eq(mc.request_count, 1);
    ck_assert_uint_eq(deviations(mc.session, "unknown_request"), 1);
    ck_assert_uint_eq(deviations(mc.session, "unknown_response"), 1);
    ck_assert_uint_eq(deviations(mc.session, "unmatched_response"), 1);
    ck_assert_uint_eq(deviations(mc.session, "malformed_request"), 3);
}
END_TEST

static void say_malformed(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        raw_says("00000014 00000004 00000000 0000000E 00010131");
}

START_TEST(ten_malformed_pdus_in_a_row_end_it)
{
    bind_raw();
    say_malformed(9);
    raw_says(SUBMIT("02"));
    say_malformed(9);
    ck_assert(!mc.is_closed);
    say_malformed(1);
    ck_assert_int_eq(mc.reason, SESSION_MALFORMED);
}
END_TEST

START_TEST(a_message_to_us_that_can_not_be_read_is_kept_and_answered)
{
    bind_to_raw();
    raw_says("00000014 00000005 00000000 0000000E 00010131");
    raw_hears("00000011 80000005 00000000 0000000E 00");
    ck_assert_uint_eq(esme.unreadable_count, 1);
    ck_assert_uint_eq(esme.request_count, 0);
}
END_TEST

START_TEST(an_alert_is_told_and_never_answered)
{
    bind_to_raw();
    raw_says("00000016 00000102 00000000 00000005 000000 000000");
    raw_hears_nothing();
    ck_assert_uint_eq(esme.request_count, 1); /* whose owner tried to answer */
}
END_TEST

START_TEST(whoever_is_called_may_bind_over_that_connection)
{
    call_raw("pw");
    raw_hears("00000016 0000000B 00000000 00000001 4D4300 707700");
    raw_says(SUBMIT("01"));
    raw_hears("00000010 80000004 00000004 00000001");
    raw_says(BIND_TRX);
    raw_hears(BOUND_TRX);
    ck_assert_int_eq(session_state(mc.session), SESSION_STATE_BOUND_TRX);
    raw_says(SUBMIT("02"));
    raw_hears(SUBMITTED("02"));
}
END_TEST

START_TEST(whoever_is_called_and_does_not_bind_is_left)
{
    call_raw("pw");
    raw_hears("00000016 0000000B 00000000 00000001 4D4300 707700");
    pass(9999);
    ck_assert(!mc.is_closed);
    pass(1);
    ck_assert_int_eq(mc.reason, SESSION_BIND_TIMEOUT);
}
END_TEST

START_TEST(a_call_that_can_not_be_written_is_told)
{
    call_raw("0123456789012345678901234567890123456789012345678901234567890123456789");
    raw_hears_the_end();
    ck_assert_int_eq(mc.reason, SESSION_BIND_UNWRITABLE);
}
END_TEST

START_TEST(an_outbind_out_of_place_is_ignored)
{
    bind_to_raw();
    raw_says("00000014 0000000B 00000000 00000005 6100 6200");
    raw_hears_nothing();
    ck_assert_uint_eq(esme.request_count, 0);
    ck_assert_uint_eq(deviations(esme.session, "misplaced_request"), 1);
}
END_TEST

START_TEST(a_receiver_that_submits_is_refused)
{
    connect_raw();
    raw_says("00000019 00000001 00000000 00000001 6100 7000 00 34 0000 00");
    raw_hears("00000018 80000001 00000000 00000001 4D4300 0210000150");
    raw_says(SUBMIT("02"));
    raw_hears("00000010 80000004 00000004 00000002");
}
END_TEST

START_TEST(the_same_number_twice_is_answered_twice)
{
    bind_raw();
    raw_says(SUBMIT("FF") SUBMIT("FF"));
    raw_hears(SUBMITTED("FF") SUBMITTED("FF"));
}
END_TEST

START_TEST(what_the_codec_forgives_is_counted_by_name)
{
    bind_raw();
    raw_says("00000013 00000015 00000000 00000002 010203");
    raw_hears(ENQUIRED("02"));
    ck_assert_uint_eq(deviations(mc.session, "octets_after_header"), 1);
}
END_TEST

START_TEST(a_refusal_s_tlv_goes_to_50_only)
{
    bind_raw();
    mc.leaves_open = true;
    raw_says(SUBMIT("02"));
    struct tlv text = tlv_text(TLV_additional_status_info_text, "no_consent");
    struct pdu refusal = {.command_status = 0x401, .tlvs = &text, .tlv_count = 1};
    session_answer(mc.session, &mc.requests[1], &refusal, 0);
    raw_hears("00000010 80000004 00000401 00000002");
    mc.session->peer_version = 0x50;
    session_answer(mc.session, &mc.requests[1], &refusal, 0);
    raw_hears("00000020 80000004 00000401 00000002 00 001D000B6E6F5F636F6E73656E7400");
}
END_TEST

/* ---- our requests */

START_TEST(the_window_fills_and_each_answer_frees_one_place_once)
{
    settings.window = 3;
    bind_to_raw();
    ck_assert(submit(11) && submit(12) && submit(13));
    ck_assert(!submit(14));
    ck_assert_uint_eq(session_room(esme.session), 0);
    raw_hears(SUBMIT("02") SUBMIT("03") SUBMIT("04"));
    raw_says(SUBMITTED("03"));
    raw_says(SUBMITTED("03")); /* twice */
    ck_assert_uint_eq(session_room(esme.session), 1);
    raw_says(SUBMITTED("04") "00000010 80000004 00000058 00000002");
    ck_assert_uint_eq(session_room(esme.session), 3);
    ck_assert_uint_eq(esme.heard_count, 3);
    ck_assert_uint_eq(esme.heard[0].tag, 12);
    ck_assert_str_eq(esme.heard[0].id, "id-1");
    ck_assert_uint_eq(esme.heard[1].tag, 13);
    ck_assert_uint_eq(esme.heard[2].tag, 11);
    ck_assert_uint_eq(esme.heard[2].status, ESME_RTHROTTLED);
    ck_assert_uint_eq(deviations(esme.session, "unmatched_response"), 1);
}
END_TEST

START_TEST(a_window_may_change_while_answers_are_open)
{
    settings.window = 3;
    bind_to_raw();
    ck_assert(submit(11) && submit(12) && submit(13));
    session_set_window(esme.session, 1);
    raw_hears(SUBMIT("02") SUBMIT("03") SUBMIT("04"));
    ck_assert_uint_eq(session_room(esme.session), 0);
    raw_says(SUBMITTED("02") SUBMITTED("03"));
    ck_assert_uint_eq(session_room(esme.session), 0);
    raw_says(SUBMITTED("04"));
    ck_assert_uint_eq(session_room(esme.session), 1);
    session_set_window(esme.session, 2);
    ck_assert(submit(14) && submit(15) && !submit(16));
}
END_TEST

START_TEST(a_response_of_another_command_leaves_the_request_open)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    raw_says(DELIVERED("02"));
    ck_assert_uint_eq(esme.heard_count, 0);
    ck_assert_uint_eq(deviations(esme.session, "mismatched_response"), 1);
    raw_says(SUBMITTED("02"));
    ck_assert_uint_eq(esme.heard_count, 1);
}
END_TEST

START_TEST(a_response_to_what_has_not_left_is_no_answer)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_says(SUBMITTED("02")); /* is heard in the turn that releases the submit */
    raw_hears(SUBMIT("02"));
    ck_assert_uint_eq(esme.heard_count, 0);
    ck_assert_uint_eq(deviations(esme.session, "unmatched_response"), 1);
}
END_TEST

START_TEST(a_nack_that_matches_is_a_negative_answer)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    raw_says("00000010 80000000 00000058 00000002");
    ck_assert_uint_eq(esme.heard_count, 1);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_ANSWERED);
    ck_assert_uint_eq(esme.heard[0].status, ESME_RTHROTTLED);
}
END_TEST

START_TEST(a_response_that_can_not_be_read_still_answers)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    raw_says("00000013 80000004 00000000 00000002 313233");
    ck_assert_int_eq(esme.heard[0].fate, SESSION_ANSWERED);
    ck_assert_uint_eq(esme.heard[0].status, ESME_ROK);
    ck_assert_str_eq(esme.heard[0].id, "");
    ck_assert_uint_eq(deviations(esme.session, "malformed_response"), 1);
}
END_TEST

START_TEST(an_unanswered_request_is_in_doubt_and_a_late_answer_settles_it)
{
    settings.window = 1;
    settings.enquire_link_ms = 0;
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    pass(59999);
    ck_assert_uint_eq(esme.heard_count, 0);
    pass(1);
    ck_assert_uint_eq(esme.heard_count, 1);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNANSWERED);
    ck_assert_uint_eq(session_room(esme.session), 1);
    raw_says(SUBMITTED("02"));
    ck_assert_uint_eq(esme.heard_count, 2);
    ck_assert_int_eq(esme.heard[1].fate, SESSION_ANSWERED);
    ck_assert_uint_eq(esme.heard[1].tag, 1);
    ck_assert_uint_eq(session_room(esme.session), 1);
    ck_assert_uint_eq(deviations(esme.session, "late_response"), 1);
}
END_TEST

START_TEST(a_request_unanswered_for_twice_its_time_makes_us_leave)
{
    settings.enquire_link_ms = 0;
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    pass(60000);
    pass(60000);
    raw_hears(UNBIND("03"));
    raw_says(UNBOUND("03"));
    ck_assert_int_eq(esme.reason, SESSION_UNANSWERED_LONG);
    ck_assert_uint_eq(esme.heard_count, 1);
}
END_TEST

START_TEST(numbers_wrap_to_one_and_pass_by_what_is_open)
{
    bind_to_raw();
    ck_assert(submit(1)); /* 2 */
    esme.session->next_sequence = 0x7FFFFFFF;
    ck_assert(submit(2) && submit(3) && submit(4));
    raw_hears(SUBMIT("02") "00000024 00000004 00000000 7FFFFFFF"
                           " 00 000000 000000 000000 0000 00000000 03 414243 " SUBMIT("01")
                               SUBMIT("03"));
}
END_TEST

START_TEST(many_open_requests_meet_their_own_answers)
{
    settings.window = 200;
    bind_both(SMPP_bind_transceiver);
    mc.leaves_open = true;
    for (uint64_t tag = 1; tag <= 60; tag++)
        ck_assert(submit(tag));
    settle();
    ck_assert_uint_eq(mc.request_count, 61);
    for (unsigned i = 60; i > 0; i--)
        answer(&mc, &mc.requests[i]);
    settle();
    ck_assert_uint_eq(esme.heard_count, 60);
    for (unsigned i = 0; i < 60; i++)
        ck_assert_uint_eq(esme.heard[i].tag, 60 - i);
    ck_assert_uint_eq(session_room(esme.session), 200);
}
END_TEST

START_TEST(an_mc_that_has_lost_our_bind_is_left)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    raw_says("00000010 80000004 00000004 00000002");
    ck_assert_uint_eq(esme.heard[0].status, ESME_RINVBNDSTS);
    raw_hears(UNBIND("03"));
    raw_says("00000010 80000006 00000004 00000003");
    ck_assert_int_eq(esme.reason, SESSION_BIND_LOST);
}
END_TEST

/* ---- life signs */

START_TEST(silence_is_asked_about_and_an_answer_is_enough)
{
    bind_to_raw();
    pass(29999);
    raw_hears_nothing();
    pass(1);
    raw_hears(ENQUIRE("02"));
    raw_says(ENQUIRED("02"));
    pass(29999);
    raw_hears_nothing();
    pass(1);
    raw_hears(ENQUIRE("03"));
    ck_assert(!esme.is_closed);
}
END_TEST

START_TEST(silence_after_the_question_is_death)
{
    bind_to_raw();
    ck_assert(submit(5));
    raw_hears(SUBMIT("02"));
    pass(30000);
    raw_hears(ENQUIRE("03"));
    pass(30000);
    ck_assert_int_eq(esme.reason, SESSION_SILENT);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNANSWERED);
    raw_hears_the_end();
}
END_TEST

START_TEST(any_pdu_is_a_sign_of_life)
{
    bind_to_raw();
    pass(20000);
    raw_says(DELIVER("01"));
    raw_hears(DELIVERED("01"));
    pass(20000);
    raw_hears_nothing();
    pass(10000);
    raw_hears(ENQUIRE("02"));
    raw_says(DELIVER("02")); /* another PDU instead of the answer */
    raw_hears(DELIVERED("02"));
    pass(29999);
    ck_assert(!esme.is_closed);
    pass(1);
    raw_hears(ENQUIRE("03"));
}
END_TEST

START_TEST(a_full_window_does_not_hold_back_the_question)
{
    settings.window = 1;
    bind_to_raw();
    ck_assert(submit(1) && !submit(2));
    raw_hears(SUBMIT("02"));
    pass(30000);
    raw_hears(ENQUIRE("03"));
    ck_assert_uint_eq(session_room(esme.session), 0);
}
END_TEST

START_TEST(an_answered_question_leaves_before_other_answers)
{
    bind_raw();
    raw_says(SUBMIT("02") ENQUIRE("03") SUBMIT("04") ENQUIRE("05"));
    raw_hears(ENQUIRED("03") ENQUIRED("05") SUBMITTED("02") SUBMITTED("04"));
}
END_TEST

START_TEST(a_client_that_is_inactive_is_asked_to_leave)
{
    settings.enquire_link_ms = 0;
    settings.inactivity_ms = 300000;
    bind_raw();
    pass(299999);
    raw_hears_nothing();
    pass(1);
    raw_hears(UNBIND("01"));
    raw_says(UNBOUND("01"));
    ck_assert_int_eq(mc.reason, SESSION_INACTIVE);
}
END_TEST

/* ---- what is taken back */

static void submit_three_and_withdraw_one(void)
{
    uint64_t second = 2;
    ck_assert(submit(1) && submit(2) && submit(3));
    ck_assert_uint_eq(session_withdraw(esme.session, is_tag, &second), 1);
    ck_assert_uint_eq(esme.heard_count, 1);
    ck_assert_uint_eq(esme.heard[0].tag, 2);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNSENT);
    ck_assert_uint_eq(session_unanswered(esme.session, is_any, NULL), 0);
    ck_assert_uint_eq(session_room(esme.session), 8);
}

START_TEST(a_submit_withdrawn_before_the_release_never_leaves)
{
    bind_to_raw();
    in_dispatch = submit_three_and_withdraw_one;
    settle();
    raw_hears(SUBMIT("02") SUBMIT("04"));
    ck_assert_uint_eq(session_unanswered(esme.session, is_any, NULL), 2);
    ck_assert_uint_eq(session_withdraw(esme.session, is_any, NULL), 0);
    raw_says(SUBMITTED("02") SUBMITTED("04"));
    ck_assert_uint_eq(session_unanswered(esme.session, is_any, NULL), 0);
    ck_assert_uint_eq(esme.heard_count, 3);
}
END_TEST

static void roll_back_the_esme(void)
{
    ck_assert(!session_rollback(esme.session));
}

static void submit_two(void)
{
    ck_assert(submit(1) && submit(2));
    in_commit = roll_back_the_esme;
}

START_TEST(a_failed_commit_takes_back_the_submits_of_its_turn_alone)
{
    bind_to_raw();
    ck_assert(submit(9));
    raw_hears(SUBMIT("02"));
    in_dispatch = submit_two;
    raw_hears_nothing();
    ck_assert_uint_eq(esme.heard_count, 2);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNSENT);
    ck_assert_int_eq(esme.heard[1].fate, SESSION_UNSENT);
    ck_assert_uint_eq(session_room(esme.session), 9);
}
END_TEST

static bool had_answer;

static void roll_back_the_mc(void)
{
    had_answer = session_rollback(mc.session);
}

START_TEST(a_failed_commit_takes_back_the_answers_but_not_the_life_signs)
{
    bind_raw();
    uint8_t octets[128];
    size_t length = from_hex(SUBMIT("02") ENQUIRE("03"), octets);
    ck_assert_int_eq(write(raw, octets, length), (ssize_t)length);
    in_commit = roll_back_the_mc;
    raw_hears(ENQUIRED("03"));
    ck_assert(had_answer);
    ck_assert_uint_eq(mc.left_count, 0);
    answer(&mc, &mc.requests[1]); /* it may still be answered */
    raw_hears(SUBMITTED("02"));
}
END_TEST

START_TEST(an_answer_with_a_tag_is_told_once_when_it_has_left)
{
    bind_raw();
    mc.leaves_open = true;
    raw_says(SUBMIT("02") SUBMIT("03"));
    session_answer(mc.session, &mc.requests[1], NULL, 77);
    session_answer(mc.session, &mc.requests[2], NULL, 0);
    ck_assert_uint_eq(mc.left_count, 0);
    settle();
    ck_assert_uint_eq(mc.left_count, 1);
    ck_assert_uint_eq(mc.left[0], 77);
}
END_TEST

static void deliver_and_fail_to_commit(void)
{
    struct pdu pdu = {.command_id = SMPP_deliver_sm};
    ck_assert(session_request(mc.session, &pdu, 1));
    in_commit = roll_back_the_mc;
}

START_TEST(what_is_queued_after_a_commit_waits_for_the_next_one)
{
    bind_raw();
    in_left = deliver_and_fail_to_commit;
    raw_says(SUBMIT("02"));
    raw_hears(SUBMITTED("02"));
    raw_hears_nothing();
    ck_assert_uint_eq(mc.heard_count, 1);
    ck_assert_int_eq(mc.heard[0].fate, SESSION_UNSENT);
}
END_TEST

/* ---- the end */

static void submit_and_close(void)
{
    ck_assert(submit(3));
    session_close(esme.session, SESSION_OPERATOR);
    ck_assert(esme.is_closed);
}

START_TEST(closing_tells_what_is_unsent_and_what_is_in_doubt_first)
{
    bind_to_raw();
    ck_assert(submit(1) && submit(2));
    raw_hears(SUBMIT("02") SUBMIT("03"));
    in_dispatch = submit_and_close;
    settle();
    ck_assert_int_eq(esme.reason, SESSION_OPERATOR);
    ck_assert_uint_eq(esme.heard_at_close, 3);
    ck_assert_uint_eq(esme.heard_count, 3);
    ck_assert_uint_eq(esme.heard[0].tag, 3);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNSENT);
    ck_assert_uint_eq(esme.heard[1].tag, 1);
    ck_assert_int_eq(esme.heard[1].fate, SESSION_UNANSWERED);
    ck_assert_uint_eq(esme.heard[2].tag, 2);
}
END_TEST

START_TEST(closing_within_an_answer_tells_the_rest_once)
{
    bind_to_raw();
    ck_assert(submit(1) && submit(2) && submit(3));
    raw_hears(SUBMIT("02") SUBMIT("03") SUBMIT("04"));
    esme.closes_in_answered = true;
    raw_says(SUBMITTED("02") SUBMITTED("03"));
    ck_assert(esme.is_closed);
    ck_assert_uint_eq(esme.heard_count, 3);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_ANSWERED);
    ck_assert_int_eq(esme.heard[1].fate, SESSION_UNANSWERED);
    ck_assert_int_eq(esme.heard[2].fate, SESSION_UNANSWERED);
}
END_TEST

static void withdraw_all(void)
{
    ck_assert(submit(1) && submit(2) && submit(3));
    ck_assert_uint_eq(session_withdraw(esme.session, is_any, NULL), 3);
}

START_TEST(closing_within_a_withdrawal_tells_the_rest_once)
{
    bind_to_raw();
    esme.closes_in_answered = true;
    in_dispatch = withdraw_all;
    settle();
    ck_assert(esme.is_closed);
    ck_assert_uint_eq(esme.heard_count, 3);
    ck_assert_uint_eq(esme.heard_at_close, 3);
}
END_TEST

START_TEST(leaving_waits_for_the_open_answers_then_unbinds)
{
    bind_both(SMPP_bind_transceiver);
    mc.leaves_open = true;
    ck_assert(submit(1));
    settle();
    session_leave(esme.session, 5000);
    settle();
    ck_assert_int_eq(session_state(esme.session), SESSION_STATE_LEAVING);
    ck_assert(!submit(2));
    answer(&mc, &mc.requests[1]);
    ck_reaches(both_closed);
    ck_assert_int_eq(esme.reason, SESSION_WE_UNBOUND);
    ck_assert_int_eq(mc.reason, SESSION_PEER_UNBOUND);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_ANSWERED);
}
END_TEST

START_TEST(leaving_waits_only_so_long)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    session_leave(esme.session, 5000);
    pass(4999);
    raw_hears_nothing();
    pass(1);
    raw_hears(UNBIND("03"));
    raw_says(DELIVER("09")); /* what comes behind the unbind is still answered */
    raw_hears(DELIVERED("09"));
    pass(5000);
    ck_assert_int_eq(esme.reason, SESSION_WE_UNBOUND);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNANSWERED);
}
END_TEST

START_TEST(leaving_waits_no_longer_than_the_most_impatient_asks)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    session_leave(esme.session, 60000);
    pass(1000);
    session_leave(esme.session, 5000);
    session_leave(esme.session, 60000);
    pass(4999);
    raw_hears_nothing();
    pass(1);
    raw_hears(UNBIND("03"));
}
END_TEST

static void submit_and_leave(void)
{
    ck_assert(submit(1));
    session_leave(esme.session, 5000);
}

START_TEST(leaving_takes_back_what_has_not_left)
{
    bind_to_raw();
    in_dispatch = submit_and_leave;
    raw_hears(UNBIND("03"));
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNSENT);
    raw_says(UNBOUND("03"));
    ck_assert_int_eq(esme.reason, SESSION_WE_UNBOUND);
}
END_TEST

START_TEST(an_unbind_waits_for_what_was_accepted_and_refuses_what_follows)
{
    bind_raw();
    mc.leaves_open = true;
    raw_says(SUBMIT("02") UNBIND("03") SUBMIT("04"));
    raw_hears("00000010 80000004 00000004 00000004");
    answer(&mc, &mc.requests[1]);
    raw_hears(SUBMITTED("02") UNBOUND("03"));
    ck_assert(!mc.is_closed);
    close(raw);
    raw = -1;
    ck_reaches(mc_closed);
    ck_assert_int_eq(mc.reason, SESSION_PEER_UNBOUND);
}
END_TEST

START_TEST(a_peer_that_unbinds_and_stays_is_closed)
{
    bind_raw();
    raw_says(UNBIND("02"));
    raw_hears(UNBOUND("02"));
    pass(2000);
    ck_assert_int_eq(mc.reason, SESSION_PEER_UNBOUND);
}
END_TEST

START_TEST(both_may_unbind_at_once)
{
    bind_both(SMPP_bind_transceiver);
    session_leave(esme.session, 1000);
    session_leave(mc.session, 1000);
    ck_reaches(both_closed);
    ck_assert_int_eq(esme.reason, SESSION_WE_UNBOUND);
    ck_assert_int_eq(mc.reason, SESSION_WE_UNBOUND);
}
END_TEST

START_TEST(a_broken_connection_puts_what_is_open_in_doubt)
{
    bind_to_raw();
    ck_assert(submit(1));
    raw_hears(SUBMIT("02"));
    close(raw);
    raw = -1;
    ck_reaches(esme_closed);
    ck_assert_int_eq(esme.reason, SESSION_PEER_CLOSED);
    ck_assert_int_eq(esme.heard[0].fate, SESSION_UNANSWERED);
}
END_TEST

/* ---- a peer that doesn't read */

/* Writes questions until they are not read any more. */
static void flood(void)
{
    static uint8_t questions[16 * 1024];
    size_t cut = 0; /* of the question that was taken in part */
    for (size_t i = 0; i < sizeof questions; i += 16)
        from_hex(ENQUIRE("02"), questions + i);
    for (unsigned i = 0; i < TURNS_MOST && mc.session->is_reading; i++) {
        ssize_t count = write(raw, questions + cut, sizeof questions - cut);
        cut = (cut + (size_t)(count > 0 ? count : 0)) % 16;
        run_turns(2);
    }
}

static void bind_raw_with_a_small_outbox(void)
{
    settings.outbox_limit = 20000;
    bind_raw();
}

static unsigned answers_heard;

static void hear_answers(void)
{
    uint8_t octets[65536];
    ssize_t count;
    run_turns(1);
    while ((count = read(raw, octets, sizeof octets)) > 0)
        answers_heard += (unsigned)count;
}

START_TEST(a_peer_that_takes_nothing_can_not_fill_our_memory)
{
    bind_raw_with_a_small_outbox();
    flood();
    ck_assert(!mc.session->is_reading);
    size_t chunk_of_answers = 16384 / 16 * (sizeof(struct frame) + 16);
    ck_assert_uint_lt(mc.session->outbox_octets, 20000 + chunk_of_answers);
    for (unsigned i = 0; i < TURNS_MOST && !mc.session->is_reading; i++)
        hear_answers();
    ck_assert(mc.session->is_reading);
    for (unsigned i = 0; i < 500; i++)
        hear_answers();
    ck_assert_uint_eq(mc.session->outbox_octets, 0);
    ck_assert_uint_gt(answers_heard, 20000);
    ck_assert(!mc.is_closed);
}
END_TEST

static bool has_heard_three(void)
{
    return mc.request_count == 3;
}

START_TEST(requests_beyond_the_peers_window_are_read_when_answers_have_left)
{
    settings.answers_most = 2;
    bind_raw();
    mc.request_count = 0;
    mc.leaves_open = true;
    raw_says(SUBMIT("02") SUBMIT("03") SUBMIT("04"));
    settle();
    ck_assert_uint_eq(mc.request_count, 2);
    ck_assert(!mc.session->is_reading);
    pass(2 * settings.response_ms); /* it is we who don't answer */
    ck_assert(!mc.is_closed);
    answer(&mc, &mc.requests[0]);
    ck_reaches(has_heard_three);
    raw_hears(SUBMITTED("02"));
    answer(&mc, &mc.requests[1]);
    answer(&mc, &mc.requests[2]);
    raw_hears(SUBMITTED("03") SUBMITTED("04"));
    ck_assert(mc.session->is_reading);
}
END_TEST

START_TEST(a_peer_that_takes_nothing_for_long_is_closed)
{
    bind_raw_with_a_small_outbox();
    flood();
    pass(59999);
    ck_assert(!mc.is_closed);
    pass(1);
    ck_assert_int_eq(mc.reason, SESSION_STUCK);
}
END_TEST

static bool deliver_long(uint64_t tag)
{
    static const uint8_t text[60000] = {1};
    struct tlv payload = {.tag = TLV_message_payload, .value = octets_of(text, sizeof text)};
    struct pdu pdu = {.command_id = SMPP_deliver_sm, .tlvs = &payload, .tlv_count = 1};
    return session_request(mc.session, &pdu, tag);
}

/* Reads PDUs from the raw socket until none comes any more; gives at which place an
 * enquire_link_resp stood, counted from 1. */
static unsigned place_of_enquired(unsigned *count)
{
    static uint8_t stream[80000];
    size_t used = 0;
    unsigned place = 0;
    *count = 0;
    for (unsigned quiet = 0; quiet < 2000; quiet++) {
        run_turns(1);
        ssize_t got = read(raw, stream + used, sizeof stream - used);
        if (got <= 0)
            continue;
        quiet = 0;
        used += (size_t)got;
        size_t length;
        while (used >= 16 && used >= (length = (size_t)stream[2] << 8 | stream[3])) {
            bool is_enquired = stream[4] == 0x80 && stream[7] == 0x15;
            ck_assert_uint_eq(length, is_enquired ? 16 : 16 + 17 + 4 + 60000);
            ++*count;
            if (is_enquired)
                place = *count;
            used -= length;
            memmove(stream, stream + length, used);
        }
    }
    ck_assert_uint_eq(used, 0);
    return place;
}

START_TEST(a_life_sign_overtakes_all_but_a_frame_that_has_begun)
{
    settings.window = 200;
    settings.outbox_limit = 64 << 20;
    bind_raw();
    for (uint64_t tag = 0; tag < 200; tag++)
        ck_assert(deliver_long(tag));
    settle();
    const struct frame *first = TAILQ_FIRST(&mc.session->outbox);
    ck_assert(first != NULL && first->left > 0); /* or nothing is tested */
    raw_says(ENQUIRE("09"));
    unsigned count, place = place_of_enquired(&count);
    ck_assert_uint_eq(count, 201);
    ck_assert_uint_gt(place, 1);
    ck_assert_uint_lt(place, 201);
}
END_TEST

static void deliver_and_roll_back(void)
{
    ck_assert(deliver_long(200));
    in_commit = roll_back_the_mc;
}

START_TEST(a_failed_commit_leaves_what_earlier_turns_could_not_get_rid_of)
{
    settings.window = 200;
    bind_raw();
    for (uint64_t tag = 0; tag < 150; tag++)
        ck_assert(deliver_long(tag));
    settle();
    ck_assert(!TAILQ_EMPTY(&mc.session->outbox)); /* or nothing is tested */
    in_dispatch = deliver_and_roll_back;
    settle();
    ck_assert_uint_eq(mc.heard_count, 1);
    ck_assert_uint_eq(mc.heard[0].tag, 200);
    ck_assert(!had_answer);
}
END_TEST

START_TEST(an_owner_may_stop_the_reading)
{
    bind_raw();
    session_want_read(mc.session, false);
    raw_says(SUBMIT("02"));
    raw_hears_nothing();
    ck_assert_uint_eq(mc.request_count, 1);
    session_want_read(mc.session, true);
    raw_hears(SUBMITTED("02"));
}
END_TEST

/* ---- anything at all */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void put_u32(uint8_t *out, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A right length, a known command mostly, small numbers, and noise behind. */
static size_t random_frame(uint32_t *seed, uint8_t *out)
{
    size_t rows;
    const struct pdu_row *row = pdu_rows(&rows);
    row += next_random(seed) % rows;
    size_t length = 16 + (next_random(seed) % 2 == 0 ? 0 : next_random(seed) % 60);
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)(next_random(seed) % 4);
    put_u32(out, (uint32_t)length);
    put_u32(out + 4, next_random(seed) % 8 == 0 ? next_random(seed) : row->id);
    put_u32(out + 8, next_random(seed) % 2);
    put_u32(out + 12, next_random(seed) % 12);
    return length;
}

static unsigned babble(uint32_t *seed, unsigned frames, const struct side *side)
{
    unsigned submits = 0;
    for (unsigned i = 0; i < frames && !side->is_closed; i++) {
        uint8_t octets[256];
        size_t length = random_frame(seed, octets);
        ssize_t count = write(raw, octets, length);
        ck_assert(count == (ssize_t)length || side->is_closed);
        bool is_submitted = side == &esme && !side->is_closed && submit(i);
        submits += is_submitted ? 1 : 0;
        now_ms += next_random(seed) % 2000;
        run_turns(3);
        while (read(raw, octets, sizeof octets) > 0)
            continue;
    }
    return submits;
}

START_TEST(whatever_a_client_says_we_stand)
{
    uint32_t seed = 20261123;
    for (unsigned i = 0; i < 40; i++) {
        mc = (struct side){0};
        bind_raw();
        babble(&seed, 100, &mc);
        if (!mc.is_closed)
            session_close(mc.session, SESSION_OPERATOR);
        close(raw);
        listener_close(listener);
    }
    listener = NULL;
    raw = -1;
}
END_TEST

START_TEST(whatever_a_carrier_says_we_stand_and_tell_each_fate_once)
{
    uint32_t seed = 1123;
    for (unsigned i = 0; i < 40; i++) {
        esme = (struct side){0};
        bind_to_raw();
        unsigned submits = babble(&seed, 100, &esme), told = 0;
        if (!esme.is_closed)
            session_close(esme.session, SESSION_OPERATOR);
        for (unsigned tag = 0; tag < 256; tag++)
            told += esme.told[tag] == UNTOLD ? 0 : 1;
        ck_assert_uint_eq(told, submits);
        close(raw);
        close(raw_listener);
    }
    raw = raw_listener = -1;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *all = tcase_create("session");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, a_transmitter_submits_and_hears_nothing);
    tcase_add_test(all, a_receiver_hears_and_submits_nothing);
    tcase_add_test(all, a_transceiver_does_both);
    tcase_add_test(all, a_33_client_gets_no_tlv);
    tcase_add_test(all, a_bind_response_without_version_means_no_tlvs_until_the_mc_sends_one);
    tcase_add_test(all, requests_behind_a_bind_wait_for_its_judgement);
    tcase_add_test(all, a_deliver_sm_glued_to_the_bind_response_meets_a_bound_session);
    tcase_add_test(all, a_refused_bind_ends_the_esme_with_its_status);
    tcase_add_test(all, a_refused_bind_leaves_the_mc_open_for_another);
    tcase_add_test(all, a_nack_to_the_bind_is_a_refusal);
    tcase_add_test(all, whoever_does_not_bind_in_time_is_closed);
    tcase_add_test(all, an_mc_that_does_not_answer_the_bind_is_left);
    tcase_add_test(all, nobody_there_is_told);
    tcase_add_test(all, a_bind_that_can_not_be_written_is_told);
    tcase_add_test(all, a_second_bind_changes_nothing);
    tcase_add_test(all, before_a_bind_enquire_link_is_answered_and_three_others_end_it);
    tcase_add_test(all, an_unbind_before_a_bind_is_answered);
    tcase_add_test(all, pdus_may_come_octet_by_octet);
    tcase_add_test(all, a_pdu_that_does_not_end_is_waited_for_only_so_long);
    tcase_add_test(all, half_a_pdu_at_the_end_was_never_received);
    tcase_add_test(all, a_length_below_a_header_is_nacked_and_ends_it);
    tcase_add_test(all, a_length_above_the_limit_is_nacked_with_its_sequence_and_ends_it);
    tcase_add_test(all, a_length_above_the_limit_of_nothing_known_is_nacked_with_zero);
    tcase_add_test(all, before_a_bind_512_octets_are_enough);
    tcase_add_test(all, memory_grows_by_what_comes_not_by_what_is_announced);
    tcase_add_test(all, tls_and_http_are_left_without_a_word);
    tcase_add_test(all, a_web_server_is_no_carrier);
    tcase_add_test(all, what_is_broken_or_unknown_is_answered_and_the_session_stays);
    tcase_add_test(all, ten_malformed_pdus_in_a_row_end_it);
    tcase_add_test(all, a_message_to_us_that_can_not_be_read_is_kept_and_answered);
    tcase_add_test(all, an_alert_is_told_and_never_answered);
    tcase_add_test(all, whoever_is_called_may_bind_over_that_connection);
    tcase_add_test(all, whoever_is_called_and_does_not_bind_is_left);
    tcase_add_test(all, a_call_that_can_not_be_written_is_told);
    tcase_add_test(all, an_outbind_out_of_place_is_ignored);
    tcase_add_test(all, a_receiver_that_submits_is_refused);
    tcase_add_test(all, the_same_number_twice_is_answered_twice);
    tcase_add_test(all, what_the_codec_forgives_is_counted_by_name);
    tcase_add_test(all, a_refusal_s_tlv_goes_to_50_only);
    tcase_add_test(all, the_window_fills_and_each_answer_frees_one_place_once);
    tcase_add_test(all, a_window_may_change_while_answers_are_open);
    tcase_add_test(all, a_response_of_another_command_leaves_the_request_open);
    tcase_add_test(all, a_response_to_what_has_not_left_is_no_answer);
    tcase_add_test(all, a_nack_that_matches_is_a_negative_answer);
    tcase_add_test(all, a_response_that_can_not_be_read_still_answers);
    tcase_add_test(all, an_unanswered_request_is_in_doubt_and_a_late_answer_settles_it);
    tcase_add_test(all, a_request_unanswered_for_twice_its_time_makes_us_leave);
    tcase_add_test(all, numbers_wrap_to_one_and_pass_by_what_is_open);
    tcase_add_test(all, many_open_requests_meet_their_own_answers);
    tcase_add_test(all, an_mc_that_has_lost_our_bind_is_left);
    tcase_add_test(all, silence_is_asked_about_and_an_answer_is_enough);
    tcase_add_test(all, silence_after_the_question_is_death);
    tcase_add_test(all, any_pdu_is_a_sign_of_life);
    tcase_add_test(all, a_full_window_does_not_hold_back_the_question);
    tcase_add_test(all, an_answered_question_leaves_before_other_answers);
    tcase_add_test(all, a_client_that_is_inactive_is_asked_to_leave);
    tcase_add_test(all, a_submit_withdrawn_before_the_release_never_leaves);
    tcase_add_test(all, a_failed_commit_takes_back_the_submits_of_its_turn_alone);
    tcase_add_test(all, a_failed_commit_takes_back_the_answers_but_not_the_life_signs);
    tcase_add_test(all, an_answer_with_a_tag_is_told_once_when_it_has_left);
    tcase_add_test(all, what_is_queued_after_a_commit_waits_for_the_next_one);
    tcase_add_test(all, closing_tells_what_is_unsent_and_what_is_in_doubt_first);
    tcase_add_test(all, closing_within_an_answer_tells_the_rest_once);
    tcase_add_test(all, closing_within_a_withdrawal_tells_the_rest_once);
    tcase_add_test(all, leaving_waits_for_the_open_answers_then_unbinds);
    tcase_add_test(all, leaving_waits_only_so_long);
    tcase_add_test(all, leaving_waits_no_longer_than_the_most_impatient_asks);
    tcase_add_test(all, leaving_takes_back_what_has_not_left);
    tcase_add_test(all, an_unbind_waits_for_what_was_accepted_and_refuses_what_follows);
    tcase_add_test(all, a_peer_that_unbinds_and_stays_is_closed);
    tcase_add_test(all, both_may_unbind_at_once);
    tcase_add_test(all, a_broken_connection_puts_what_is_open_in_doubt);
    tcase_add_test(all, a_peer_that_takes_nothing_can_not_fill_our_memory);
    tcase_add_test(all, requests_beyond_the_peers_window_are_read_when_answers_have_left);
    tcase_add_test(all, a_peer_that_takes_nothing_for_long_is_closed);
    tcase_add_test(all, a_life_sign_overtakes_all_but_a_frame_that_has_begun);
    tcase_add_test(all, a_failed_commit_leaves_what_earlier_turns_could_not_get_rid_of);
    tcase_add_test(all, an_owner_may_stop_the_reading);
    tcase_add_test(all, whatever_a_client_says_we_stand);
    tcase_add_test(all, whatever_a_carrier_says_we_stand_and_tell_each_fate_once);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
