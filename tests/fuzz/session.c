/* A whole conversation with one session, of either side: what the peer says, in pieces, what the
 * owner asks for, and how time passes. Instead of sockets a link that this target feeds; instead of
 * base/clock.c a clock that it turns.
 *
 * The input: an octet of settings, then steps, each an octet for what and two for how much. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/log.h"
#include "base/loop.h"
#include "smpp/session.h"
#include "tests/fuzz/fuzz.h"

#define TAGS 256

static int64_t now_ms;

int64_t clock_mono_ms(void)
{
    return now_ms;
}

int64_t clock_wall_ms(void)
{
    return now_ms;
}

/* ---- the link ---- */

struct link {
    const struct link_events *events;
    void *owner;
    bool is_open, is_opened, wants_read, wants_write;
    struct octets input;     /* that the peer has said and nobody read */
    enum link_result at_end; /* behind the input */
    size_t write_room;       /* octets that the peer takes */
};

static struct link the_link;

static struct link *link_begin(const struct link_events *events, void *owner)
{
    must(!the_link.is_open);
    the_link = (struct link){.events = events,
                             .owner = owner,
                             .is_open = true,
                             .wants_read = true,
                             .at_end = LINK_LATER,
                             .write_room = SIZE_MAX};
    return &the_link;
}

struct link *link_connect(struct loop *loop, const char *host, uint16_t port,
                          const struct link_events *events, void *owner)
{
    (void)loop;
    (void)host;
    (void)port;
    return link_begin(events, owner);
}

struct link *link_adopt(struct loop *loop, int fd, const struct link_events *events, void *owner)
{
    (void)loop;
    (void)fd;
    struct link *link = link_begin(events, owner);
    link->is_opened = true;
    return link;
}

enum link_result link_read(struct link *link, void *out, size_t size, size_t *got)
{
    must(link->is_open);
    if (link->input.length == 0)
        return link->at_end;
    struct octets piece = fuzz_take(&link->input, size);
    memcpy(out, piece.at, piece.length);
    *got = piece.length;
    return LINK_OK;
}

enum link_result link_write(struct link *link, struct octets from, size_t *taken)
{
    must(link->is_open && from.length > 0);
    *taken = from.length < link->write_room ? from.length : link->write_room;
    link->write_room -= *taken;
    return *taken == 0 ? LINK_LATER : LINK_OK;
}

void link_want_read(struct link *link, bool wanted)
{
    link->wants_read = wanted;
}

void link_want_write(struct link *link, bool wanted)
{
    link->wants_write = wanted;
}

void link_secure(struct link *link, struct tls *tls, const char *host)
{
    (void)link;
    (void)host;
    must(tls == NULL); /* the settings ask for none */
}

bool link_has_left(const struct link *link)
{
    must(link->is_open);
    return true;
}

const char *link_fault(const struct link *link)
{
    (void)link;
    return "broken";
}

const char *link_peer(const struct link *link)
{
    (void)link;
    return "peer";
}

void link_close(struct link *link)
{
    if (link != NULL)
        link->is_open = false;
}

static void link_stir(struct link *link)
{
    if (link->is_open && !link->is_opened) {
        link->is_opened = true;
        link->events->opened(link->owner);
    }
    if (link->is_open && link->wants_write && link->write_room > 0)
        link->events->writable(link->owner);
    if (link->is_open && link->wants_read && (link->input.length > 0 || link->at_end != LINK_LATER))
        link->events->readable(link->owner);
}

/* ---- the loop ---- */

static struct loop *loop;
static unsigned turns_left;

static void turn(void *owner)
{
    (void)owner;
    link_stir(&the_link);
    if (turns_left-- == 0)
        loop_stop(loop);
    loop_again(loop);
}

static void run_turns(unsigned count)
{
    turns_left = count;
    loop_again(loop);
    loop_run(loop);
}

/* ---- the owner ---- */

static struct session *session;
static struct pdu waiting; /* the last request that was left unanswered; no views */
static uint8_t habits;
static uint64_t next_tag;
static enum { NEVER_ASKED, OPEN_YET, IN_DOUBT, TOLD } tags[TAGS];

enum habit { IS_MC = 1, LEAVES_OPEN = 2, REFUSES = 4, CLOSES_EARLY = 8, HAS_UNREADABLE = 16 };

static bool is_bind(uint32_t command_id)
{
    return command_id == SMPP_bind_transmitter || command_id == SMPP_bind_receiver ||
           command_id == SMPP_bind_transceiver;
}

/* Whether its response may say yes with nothing in it: that of query_last_msgs must name a message. */
static bool has_empty_yes(uint32_t command_id)
{
    return pdu_size(&(struct pdu){.command_id = command_id | SMPP_RESPONSE}) > 0;
}

static void answer(const struct pdu *request)
{
    bool is_no = (habits & REFUSES) != 0 || !has_empty_yes(request->command_id);
    struct pdu response = {.command_status = is_no ? ESME_RSYSERR : ESME_ROK};
    if (is_bind(request->command_id) && (habits & REFUSES) == 0)
        session_accept_bind(session, request, "MC");
    else
        session_answer(session, request, &response, request->sequence_number);
}

static void owner_request(void *owner, struct session *from, const struct pdu *pdu)
{
    (void)owner;
    must(from == session);
    waiting = (struct pdu){.command_id = pdu->command_id, .sequence_number = pdu->sequence_number};
    if ((habits & LEAVES_OPEN) == 0 || is_bind(pdu->command_id))
        answer(pdu);
}

static void owner_answered(void *owner, struct session *from, uint64_t tag, unsigned part,
                           enum session_fate fate, const struct pdu *response)
{
    (void)owner;
    (void)part;
    must(from == session && tag < TAGS);
    must((response != NULL) == (fate == SESSION_ANSWERED));
    must(tags[tag] == OPEN_YET || (tags[tag] == IN_DOUBT && fate == SESSION_ANSWERED));
    tags[tag] = fate == SESSION_UNANSWERED ? IN_DOUBT : TOLD;
    if ((habits & CLOSES_EARLY) != 0)
        session_close(from, SESSION_OPERATOR);
}

static void owner_closed(void *owner, struct session *from, enum session_reason reason,
                         uint32_t status)
{
    (void)owner;
    (void)status;
    must(from == session && session_reason_text(reason) != NULL);
    for (size_t i = 0; i < TAGS; i++)
        must(tags[i] != OPEN_YET);
    session = NULL;
}

static void owner_unreadable(void *owner, struct session *from, const struct pdu *header,
                             struct octets frame)
{
    (void)owner;
    must(frame.length >= PDU_HEADER_SIZE);
    session_answer(from, header, NULL, 0);
}

static bool is_even(void *who, uint64_t tag, unsigned part)
{
    (void)who;
    (void)part;
    return tag % 2 == 0;
}

/* ---- the steps ---- */

static void submit(void)
{
    struct pdu pdu = {.command_id = SMPP_submit_sm,
                      .destination_addr = octets_text("14155550123"),
                      .short_message = octets_text("Hello")};
    if (next_tag == TAGS || !session_may_submit(session))
        return;
    tags[next_tag] = OPEN_YET; /* `answered` may come before the call is over */
    if (session_submit(session, &pdu, next_tag, 0))
        next_tag++;
    else
        tags[next_tag] = NEVER_ASKED;
}

static void ask(void)
{
    struct pdu pdu = {.command_id = SMPP_query_sm, .message_id = octets_text("id-1")};
    if (next_tag == TAGS)
        return;
    tags[next_tag] = OPEN_YET;
    if (session_request(session, &pdu, next_tag))
        next_tag++;
    else
        tags[next_tag] = NEVER_ASKED;
}

enum step {
    SAYS,
    SAYS_TOO,
    PASSES,
    SUBMITS,
    ASKS,
    WITHDRAWS,
    ANSWERS,
    BLOCKS,
    ENDS,
    FAILS,
    ROLLS_BACK,
    LEAVES,
    STOPS_READING,
    READS,
    TAKES,
    STEPS
};

static void take_step(enum step step, size_t amount, struct octets *input)
{
    switch (step) {
    case SAYS:
    case SAYS_TOO:
        the_link.input = fuzz_take(input, amount);
        break;
    case PASSES:
        now_ms += (int64_t)amount * 10;
        break;
    case SUBMITS:
        submit();
        break;
    case ASKS:
        ask();
        break;
    case WITHDRAWS:
        session_unanswered(session, is_even, NULL);
        session_withdraw(session, is_even, NULL);
        break;
    case ANSWERS:
        if (waiting.command_id != 0)
            answer(&waiting);
        waiting.command_id = 0;
        break;
    case BLOCKS:
        the_link.write_room = amount;
        break;
    case ENDS:
        the_link.at_end = LINK_ENDED;
        break;
    case FAILS:
        the_link.at_end = LINK_FAILED;
        break;
    case ROLLS_BACK:
        session_rollback(session);
        break;
    case LEAVES:
        session_leave(session, (int64_t)amount);
        break;
    case STOPS_READING:
    case READS:
        session_want_read(session, step == READS);
        break;
    case TAKES:
    case STEPS:
        the_link.write_room = SIZE_MAX;
        break;
    }
}

static void begin(void)
{
    static const struct session_events events = {
        .request = owner_request, .answered = owner_answered, .closed = owner_closed};
    static const struct session_events more = {.request = owner_request,
                                               .answered = owner_answered,
                                               .closed = owner_closed,
                                               .unreadable = owner_unreadable};
    const struct session_events *chosen = (habits & HAS_UNREADABLE) != 0 ? &more : &events;
    const struct session_bind bind = {.command_id = SMPP_bind_transceiver,
                                      .system_id = "esme",
                                      .password = "pw",
                                      .system_type = "",
                                      .interface_version = 0x34};
    session =
        (habits & IS_MC) != 0
            ? session_adopt(loop, -1, &session_settings_default, chosen, NULL)
            : session_connect(loop, "peer", 2775, &bind, &session_settings_default, chosen, NULL);
}

static void world_begin(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    now_ms = 1000000;
    next_tag = 0;
    memset(tags, 0, sizeof tags);
    waiting = (struct pdu){0};
    the_link.is_open = false;
    loop = loop_open();
    session_serve(loop);
    loop_at(loop, LOOP_DISPATCH, turn, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    habits = fuzz_u8(&input);
    world_begin();
    begin();
    run_turns(2);
    while (session != NULL && input.length > 0) {
        enum step step = (enum step)(fuzz_u8(&input) % STEPS);
        size_t amount = (size_t)fuzz_u8(&input) << 8;
        amount |= fuzz_u8(&input);
        take_step(step, amount, &input);
        run_turns(3);
    }
    if (session != NULL)
        session_close(session, SESSION_OPERATOR);
    must(session == NULL && !the_link.is_open);
    loop_close(loop);
    return 0;
}
