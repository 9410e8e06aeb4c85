/* Which receipts and texts go to which receiver now, and what their answers mean.
 *
 * The truth is the store's: a row stays until a receiver has answered it, and the answer is on
 * disk. What is in memory is a tray for each account that has bound: the rows that are under way or
 * were refused, each once, and how far the rest has been read. A full tray reads no further: that
 * is what slows us down towards a receiver that refuses everything. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "smpp_door_parts.h"

#define TRAY_MOST      64
#define READ_MOST      16
#define RETRY_FIRST_MS 5000    /* then doubled (F336) */
#define RETRY_MOST_MS  3600000 /* F336 allows a day */
#define DISK_REST_MS   1000    /* after a read or a commit that failed */

enum parcel_state {
    PARCEL_FLYING,  /* with a receiver, unanswered */
    PARCEL_ASIDE,   /* goes again when it is due */
    PARCEL_TAKEN,   /* answered: its row is to be removed when it is due */
    PARCEL_REMOVED, /* in this turn, not committed yet */
    PARCEL_NONE     /* leaves the tray */
};

struct parcel {
    int64_t id; /* of its row */
    enum parcel_state state;
    unsigned refusals;
    int64_t due_ms; /* monotonic */
    /* Of a text that its receiver gets in several frames: how many it has answered, of how many. The next one is for
     * the same receiver; if that leaves, another gets all of them. */
    unsigned part, parts;
    const struct client *receiver;
};

struct tray {
    TAILQ_ENTRY(tray) line;
    struct smpp_door *door;
    char *account;
    struct client_list receivers; /* the first is next */
    struct parcel parcels[TRAY_MOST];
    size_t count;
    int64_t read_up_to; /* rows beyond it have not been looked at */
    bool has_more;      /* there may be such rows */
    bool is_awake;
    int64_t rest_until_ms; /* nothing is read before */
    struct timer timer;
};

/* ---- trays ---- */

static struct tray *tray_find(const struct smpp_door *door, const char *account)
{
    struct tray *tray;
    TAILQ_FOREACH(tray, &door->trays, line)
    {
        if (strcmp(tray->account, account) == 0)
            return tray;
    }
    return NULL;
}

static struct tray *tray_new(struct smpp_door *door, const char *account)
{
    struct tray *tray = mem_new(sizeof *tray);
    tray->door = door;
    tray->account = mem_text(account);
    TAILQ_INIT(&tray->receivers);
    TAILQ_INSERT_TAIL(&door->trays, tray, line);
    return tray;
}

/* It is looked at in the dispatch stage of this turn, or of the next where that is over. */
static void tray_wake(struct tray *tray)
{
    tray->is_awake = true;
    if (!tray->door->has_work)
        loop_again(tray->door->gateway->loop);
    tray->door->has_work = true;
}

static void tray_rings(void *owner)
{
    tray_wake(owner);
}

/* What is due already waits for a receiver with room, not for the clock. */
static void tray_set_timer(struct tray *tray, int64_t now_ms)
{
    struct loop *loop = tray->door->gateway->loop;
    int64_t due_ms = tray->rest_until_ms > now_ms ? tray->rest_until_ms : INT64_MAX;
    for (size_t i = 0; i < tray->count; i++) {
        const struct parcel *parcel = &tray->parcels[i];
        bool waits = parcel->state == PARCEL_ASIDE || parcel->state == PARCEL_TAKEN;
        if (waits && parcel->due_ms > now_ms && parcel->due_ms < due_ms)
            due_ms = parcel->due_ms;
    }
    timer_clear(loop, &tray->timer);
    if (due_ms != INT64_MAX)
        timer_set(loop, &tray->timer, due_ms - now_ms, tray_rings, tray);
}

/* ---- parcels ---- */

static struct parcel *parcel_find(struct tray *tray, int64_t id)
{
    for (size_t i = 0; i < tray->count; i++)
        if (tray->parcels[i].id == id)
            return &tray->parcels[i];
    return NULL;
}

static struct parcel *parcel_new(struct tray *tray, int64_t id)
{
    must(tray->count < TRAY_MOST);
    struct parcel *parcel = &tray->parcels[tray->count++];
    *parcel = (struct parcel){.id = id};
    return parcel;
}

static void parcel_put(struct parcel *parcel, enum parcel_state state, int64_t due_ms)
{
    parcel->state = state;
    parcel->due_ms = due_ms;
}

static void parcel_again_later(struct parcel *parcel)
{
    int64_t wait_ms = RETRY_FIRST_MS;
    for (unsigned i = 0; i < parcel->refusals && wait_ms < RETRY_MOST_MS; i++)
        wait_ms *= 2;
    parcel->refusals++;
    parcel_put(parcel, PARCEL_ASIDE,
               clock_mono_ms() + (wait_ms < RETRY_MOST_MS ? wait_ms : RETRY_MOST_MS));
}

/* Its receiver leaves. */
static void parcel_again_from_start(struct parcel *parcel)
{
    parcel->part = 0;
    parcel->receiver = NULL;
}

/* Gives whether any left. */
static bool tray_drop(struct tray *tray, enum parcel_state state)
{
    size_t kept = 0, before = tray->count;
    for (size_t i = 0; i < before; i++)
        if (tray->parcels[i].state != state)
            tray->parcels[kept++] = tray->parcels[i];
    tray->count = kept;
    return kept < before;
}

/* ---- handing over ---- */

/* As its sender knows it: by the id of its submit_multi, and since it was replaced (F346, F371). */
static enum store_result find_receipt(struct smpp_door *door, const struct handover *row,
                                      struct delivery *out)
{
    struct message message;
    struct submit submit = {0};
    struct store *store = door->gateway->store;
    struct region *region = loop_region(door->gateway->loop);
    enum store_result result = store_message_get(store, row->message, region, &message);
    if (result != STORE_OK)
        return result;
    if (store_submit_get(store, row->message, region, &submit) == STORE_FAILED)
        return STORE_FAILED;
    if (submit.multi != 0)
        message.id = submit.multi;
    if (submit.replaced_at != 0)
        message.created_at = submit.replaced_at;
    delivery_of_receipt(row, &message, store_short_id_of(store, message.id), clock_wall_ms(), region,
                        out);
    return STORE_OK;
}

static enum store_result find_delivery(struct smpp_door *door, const struct handover *row,
                                       struct delivery *out)
{
    struct store *store = door->gateway->store;
    struct region *region = loop_region(door->gateway->loop);
    enum store_result result;
    if (row->message != 0)
        return find_receipt(door, row, out);
    struct inbound inbound;
    struct inbound_data data;
    result = store_inbound_get(store, row->inbound, region, &inbound);
    if (result != STORE_OK)
        return result;
    result = store_inbound_data(store, row->inbound, region, &data);
    if (result == STORE_OK)
        delivery_of_data(&inbound, &data, region, out);
    else
        delivery_of_text(&inbound, region, out);
    return result == STORE_FAILED ? STORE_FAILED : STORE_OK;
}

/* A row's id has 53 bits for as long as anybody will care: there is room for the part. */
static uint64_t tag_of(int64_t id, unsigned part)
{
    return (uint64_t)id << 8 | part;
}

/* The receivers take turns. False: none has room. */
static bool give(struct tray *tray, const struct delivery *delivery, struct parcel *parcel)
{
    struct client *client;
    TAILQ_FOREACH(client, &tray->receivers, receiver)
    {
        struct delivery_frame frame;
        if (!session_may_hear(client->session) || (parcel->part > 0 && client != parcel->receiver))
            continue;
        delivery_frame(delivery, session_takes_tlvs(client->session), parcel->part + 1, &frame);
        if (!session_request(client->session, &frame.pdu, tag_of(parcel->id, parcel->part)))
            continue;
        if (frame.is_cut)
            log_warn("handover id=%lld account=%s: cut, the text is longer than the receiver can take",
                     (long long)parcel->id, tray->account);
        parcel->parts = frame.parts;
        parcel->receiver = client;
        TAILQ_REMOVE(&tray->receivers, client, receiver);
        TAILQ_INSERT_TAIL(&tray->receivers, client, receiver);
        return true;
    }
    return false;
}

/* parcel: its own, or NULL where the row was not looked at before. False: no more now. */
static bool hand_over(struct tray *tray, const struct handover *row, struct parcel *parcel)
{
    struct delivery delivery;
    enum store_result result = find_delivery(tray->door, row, &delivery);
    if (result == STORE_FAILED) {
        tray->rest_until_ms = clock_mono_ms() + DISK_REST_MS;
        return false;
    }
    struct parcel fresh = {.id = row->id};
    struct parcel *mine = parcel == NULL ? &fresh : parcel;
    if (result == STORE_OK && !give(tray, &delivery, mine))
        return false;
    if (parcel == NULL) {
        parcel = parcel_new(tray, row->id);
        *parcel = fresh;
    }
    parcel_put(parcel, result == STORE_OK ? PARCEL_FLYING : PARCEL_TAKEN, 0);
    if (result == STORE_NONE)
        log_warn("handover id=%lld account=%s: what it is about is gone", (long long)row->id,
                 tray->account);
    return true;
}

static bool read_rows(struct tray *tray, int64_t after, struct handover *rows, size_t limit,
                      size_t *count)
{
    struct gateway *gateway = tray->door->gateway;
    if (store_handover_next(gateway->store, tray->account, after, loop_region(gateway->loop), rows,
                            limit, count) != STORE_FAILED)
        return true;
    tray->rest_until_ms = clock_mono_ms() + DISK_REST_MS;
    return false;
}

static bool hand_over_again(struct tray *tray, int64_t now_ms)
{
    for (size_t i = 0; i < tray->count; i++) {
        struct parcel *parcel = &tray->parcels[i];
        struct handover row;
        size_t count = 0;
        if (parcel->state != PARCEL_ASIDE || parcel->due_ms > now_ms)
            continue;
        if (!read_rows(tray, parcel->id - 1, &row, 1, &count))
            return false;
        if (count == 0 || row.id != parcel->id) /* its turn was rolled back */
            parcel_put(parcel, PARCEL_NONE, 0);
        else if (!hand_over(tray, &row, parcel))
            return false;
    }
    return true;
}

static void hand_over_new(struct tray *tray)
{
    while (tray->has_more && tray->count < TRAY_MOST) {
        struct handover rows[READ_MOST];
        size_t count = 0, room = TRAY_MOST - tray->count;
        size_t limit = room < READ_MOST ? room : READ_MOST;
        if (!read_rows(tray, tray->read_up_to, rows, limit, &count))
            return;
        for (size_t i = 0; i < count; i++) {
            if (!hand_over(tray, &rows[i], NULL))
                return;
            tray->read_up_to = rows[i].id;
        }
        tray->has_more = count == limit;
    }
}

static void remove_taken(struct tray *tray, int64_t now_ms)
{
    for (size_t i = 0; i < tray->count; i++) {
        struct parcel *parcel = &tray->parcels[i];
        if (parcel->state != PARCEL_TAKEN || parcel->due_ms > now_ms)
            continue;
        store_handover_done(tray->door->gateway->store, parcel->id);
        tray->door->has_removed = true;
        parcel_put(parcel, PARCEL_REMOVED, 0);
    }
}

static void tray_turn(struct tray *tray)
{
    int64_t now_ms = clock_mono_ms();
    bool may_read = !TAILQ_EMPTY(&tray->receivers) && tray->rest_until_ms <= now_ms;
    tray->is_awake = false;
    if (may_read && hand_over_again(tray, now_ms))
        hand_over_new(tray);
    tray_drop(tray, PARCEL_NONE);
    remove_taken(tray, now_ms);
    tray_set_timer(tray, now_ms);
}

/* ---- answers ---- */

static bool is_passing(uint32_t status) /* F336 */
{
    return status == ESME_RTHROTTLED || status == ESME_RMSGQFUL || status == ESME_RSYSERR ||
           status == ESME_RX_T_APPN || status == ESME_RDELIVERYFAILURE ||
           status == ESME_RUNKNOWNERR;
}

static void answered_with(struct tray *tray, struct parcel *parcel, const struct pdu *response)
{
    uint32_t status = response->command_status;
    if (response->command_id == SMPP_generic_nack && status == ESME_ROK)
        status = ESME_RUNKNOWNERR; /* a no, even with status 0 (F111) */
    if (is_passing(status)) {
        parcel_again_later(parcel);
        return;
    }
    if (status == ESME_ROK && ++parcel->part < parcel->parts) {
        parcel_put(parcel, PARCEL_ASIDE, 0);
        return;
    }
    if (status != ESME_ROK)
        log_warn("handover id=%lld account=%s refused for good status=%03X %s",
                 (long long)parcel->id, tray->account, (unsigned)status,
                 pdu_status_get(status)->name);
    parcel_put(parcel, PARCEL_TAKEN, 0);
}

/* A late answer finds its parcel aside, or on its way once more, or gone. */
void handover_answered(struct client *client, uint64_t tag, enum session_fate fate,
                       const struct pdu *response)
{
    struct tray *tray = client->tray;
    struct parcel *parcel = tray == NULL ? NULL : parcel_find(tray, (int64_t)(tag >> 8));
    if (tray != NULL)
        tray_wake(tray); /* there is room now */
    if (parcel == NULL || parcel->state == PARCEL_TAKEN || parcel->state == PARCEL_REMOVED ||
        tag != tag_of(parcel->id, parcel->part))
        return;
    if (fate == SESSION_ANSWERED)
        answered_with(tray, parcel, response);
    else if (fate == SESSION_UNSENT)
        parcel_put(parcel, PARCEL_ASIDE, 0);
    else
        parcel_again_later(parcel);
}

/* ---- what wakes a tray ---- */

void handover_join(struct client *client)
{
    struct tray *tray = tray_find(client->door, client->account);
    if (tray == NULL)
        tray = tray_new(client->door, client->account);
    client->tray = tray;
    TAILQ_INSERT_TAIL(&tray->receivers, client, receiver);
    tray->has_more = true;
    tray_wake(tray);
}

void handover_leave(struct client *client)
{
    struct tray *tray = client->tray;
    client->tray = NULL;
    if (tray == NULL)
        return;
    TAILQ_REMOVE(&tray->receivers, client, receiver);
    for (size_t i = 0; i < tray->count; i++)
        if (tray->parcels[i].receiver == client)
            parcel_again_from_start(&tray->parcels[i]);
    if (TAILQ_EMPTY(&tray->receivers))
        outbind_wants(client->door, tray->account);
}

bool handover_has_receiver(const struct smpp_door *door, const char *account)
{
    const struct tray *tray = tray_find(door, account);
    return tray != NULL && !TAILQ_EMPTY(&tray->receivers);
}

void handover_waits(void *owner, const char *account)
{
    struct smpp_door *door = owner;
    struct tray *tray = tray_find(door, account);
    if (tray != NULL) /* else nobody has bound for it: who does will look */
        tray->has_more = true;
    if (handover_has_receiver(door, account))
        tray_wake(tray);
    else
        outbind_wants(door, account);
}

/* ---- the turn ---- */

void handover_turn(struct smpp_door *door)
{
    struct tray *tray;
    door->has_work = false;
    TAILQ_FOREACH(tray, &door->trays, line)
    {
        if (tray->is_awake)
            tray_turn(tray);
    }
}

void handover_committed(struct smpp_door *door)
{
    struct tray *tray;
    if (!door->has_removed)
        return;
    door->has_removed = false;
    TAILQ_FOREACH(tray, &door->trays, line)
    {
        if (tray_drop(tray, PARCEL_REMOVED) && tray->has_more)
            tray_wake(tray);
    }
}

/* The rows that were removed are there again, though their receiver has them: they are not handed
 * over twice, but removed once more. */
void handover_rolled_back(struct smpp_door *door)
{
    struct tray *tray;
    int64_t now_ms = clock_mono_ms();
    door->has_removed = false;
    TAILQ_FOREACH(tray, &door->trays, line)
    {
        for (size_t i = 0; i < tray->count; i++) {
            struct parcel *parcel = &tray->parcels[i];
            if (parcel->state == PARCEL_REMOVED)
                parcel_put(parcel, PARCEL_TAKEN, now_ms + DISK_REST_MS);
        }
        tray_set_timer(tray, now_ms);
    }
}

void handover_close(struct smpp_door *door)
{
    struct tray *tray;
    while ((tray = TAILQ_FIRST(&door->trays)) != NULL) {
        must(TAILQ_EMPTY(&tray->receivers));
        TAILQ_REMOVE(&door->trays, tray, line);
        timer_clear(door->gateway->loop, &tray->timer);
        free(tray->account);
        free(tray);
    }
}
