#include "outbound/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/program.h"
#include "store/store.h"

#define SLICE 200
#define KINDS 2 /* replies have turns of their own: one that is sent takes no message's */

/* A program's lanes. */
struct share {
    const struct program *program;
    struct lane **at; /* in an order that stays */
    void **turns[KINDS]; /* the same, by is_reply, first those whose turn it is */
    size_t turn_count[KINDS];
    size_t count, room;
    bool has_sent[KINDS]; /* in this turn */
};

struct lanes {
    struct loop *loop;
    struct store *store;
    const struct programs *programs;
    const struct routes *routes;
    struct lane **at; /* all that there are, in the order in which they were made */
    size_t count, room;
    struct share *shares; /* as many as programs, in their order */
    void **turns[KINDS];  /* the shares, as lanes in a share */
    size_t share_count;
    bool has_new, has_sent[KINDS]; /* in this turn */
};

/* ---- their order within a program ---- */

static int order_of(const struct lane *lane, bool is_reply, const char *sender, const char *route)
{
    if (lane->is_reply != is_reply)
        return lane->is_reply ? -1 : 1;
    int order = strcmp(lane->sender, sender);
    return order != 0 ? order : strcmp(lane->route, route);
}

/* Where it stands, or would. */
static size_t place_of(const struct share *share, bool is_reply, const char *sender, const char *route)
{
    size_t low = 0, high = share->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order_of(share->at[middle], is_reply, sender, route) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct share *share_of(const struct lanes *lanes, int64_t program)
{
    for (size_t i = 0; i < lanes->share_count; i++)
        if (lanes->shares[i].program->id == program)
            return &lanes->shares[i];
    return NULL;
}

static void share_add(struct share *share, struct lane *lane)
{
    size_t place = place_of(share, lane->is_reply, lane->sender, lane->route);
    if (share->count == share->room) {
        share->room = share->room * 2 + 4;
        share->at = mem_grow(share->at, share->room * sizeof(struct lane *));
        for (size_t kind = 0; kind < KINDS; kind++)
            share->turns[kind] = mem_grow(share->turns[kind], share->room * sizeof(void *));
    }
    memmove(share->at + place + 1, share->at + place, (share->count - place) * sizeof(struct lane *));
    share->at[place] = lane;
    share->count++;
    share->turns[lane->is_reply][share->turn_count[lane->is_reply]++] = lane;
}

/* ---- which there are ---- */

static void shares_free(struct lanes *lanes)
{
    for (size_t i = 0; i < lanes->share_count; i++) {
        free(lanes->shares[i].at);
        for (size_t kind = 0; kind < KINDS; kind++)
            free(lanes->shares[i].turns[kind]);
    }
    free(lanes->shares);
    lanes->shares = NULL;
    for (size_t kind = 0; kind < KINDS; kind++) {
        free(lanes->turns[kind]);
        lanes->turns[kind] = NULL;
    }
    lanes->share_count = 0;
}

/* What the config says of it now. */
static void lane_settle(struct lanes *lanes, struct lane *lane)
{
    struct share *share = share_of(lanes, lane->program_id);
    const struct config_route *route = routes_named(lanes->routes, lane->route);
    lane->program = share == NULL ? NULL : share->program;
    lane->tiers = lane->route[0] != '\0'  ? (route == NULL ? NULL : &route->carriers)
                  : lane->program == NULL ? NULL
                                          : &lane->program->config->carriers;
    if (share != NULL)
        share_add(share, lane);
}

void lanes_configure(struct lanes *lanes)
{
    shares_free(lanes);
    lanes->share_count = programs_count(lanes->programs);
    lanes->shares = mem_new((lanes->share_count + 1) * sizeof *lanes->shares);
    for (size_t i = 0; i < lanes->share_count; i++)
        lanes->shares[i].program = programs_at(lanes->programs, i);
    for (size_t kind = 0; kind < KINDS; kind++) {
        lanes->turns[kind] = mem_new((lanes->share_count + 1) * sizeof(void *));
        for (size_t i = 0; i < lanes->share_count; i++)
            lanes->turns[kind][i] = &lanes->shares[i];
    }
    for (size_t i = 0; i < lanes->count; i++)
        lane_settle(lanes, lanes->at[i]);
    lanes_wake_all(lanes);
    lanes_doubt(lanes);
}

void lanes_doubt(struct lanes *lanes)
{
    bool has_routes = routes_are_any(lanes->routes);
    for (size_t i = 0; i < lanes->count; i++) {
        lanes->at[i]->is_doubtful = has_routes || lanes->at[i]->route[0] != '\0';
        lanes->at[i]->looked_due_at = lanes->at[i]->looked_id = 0;
    }
}

static struct lane *lane_add(struct lanes *lanes, const struct lane_row *row)
{
    struct lane *lane = mem_new(sizeof *lane);
    lane->id = row->id;
    lane->program_id = row->program;
    lane->is_reply = row->is_reply;
    size_t size = strlen(row->sender) + 1;
    lane->names = mem_new(size + strlen(row->route) + 1);
    lane->sender = strcpy(lane->names, row->sender);
    lane->route = strcpy(lane->names + size, row->route);
    lane->may_wait = true;
    if (lanes->count == lanes->room) {
        lanes->room = lanes->room * 2 + 16;
        lanes->at = mem_grow(lanes->at, lanes->room * sizeof(struct lane *));
    }
    return lanes->at[lanes->count++] = lane;
}

static bool lanes_read(struct lanes *lanes)
{
    struct lane_row rows[SLICE];
    size_t count = SLICE;
    int64_t after = 0;
    struct region *region = region_new();
    enum store_result read = STORE_OK;
    while (count == SLICE && read == STORE_OK) {
        region_clear(region);
        read = store_lanes(lanes->store, after, region, rows, SLICE, &count);
        for (size_t i = 0; read == STORE_OK && i < count; i++) {
            lane_add(lanes, &rows[i]);
            after = rows[i].id;
        }
    }
    region_free(region);
    return read == STORE_OK;
}

struct lanes *lanes_open(struct loop *loop, struct store *store, const struct programs *programs,
                         const struct routes *routes)
{
    struct lanes *lanes = mem_new(sizeof *lanes);
    *lanes = (struct lanes){.loop = loop, .store = store, .programs = programs, .routes = routes};
    if (lanes_read(lanes)) {
        lanes_configure(lanes);
        return lanes;
    }
    lanes_close(lanes);
    return NULL;
}

void lanes_close(struct lanes *lanes)
{
    if (lanes == NULL)
        return;
    for (size_t i = 0; i < lanes->count; i++) {
        timer_clear(lanes->loop, &lanes->at[i]->due);
        free(lanes->at[i]->names);
        free(lanes->at[i]);
    }
    shares_free(lanes);
    free(lanes->at);
    free(lanes);
}

/* Its row, where it has none (any more). */
static struct lane *lane_keep(struct lanes *lanes, struct lane *lane)
{
    const struct lane_row row = {.program = lane->program_id,
                                 .is_reply = lane->is_reply,
                                 .sender = lane->sender,
                                 .route = lane->route};
    if (lane->id != 0)
        return lane;
    lane->id = store_lane_id(lanes->store, &row);
    lane->is_of_turn = lanes->has_new = true;
    return lane->id == 0 ? NULL : lane;
}

struct lane *lanes_get(struct lanes *lanes, int64_t program, bool is_reply, const char *sender,
                       const struct config_route *route)
{
    struct share *share = share_of(lanes, program);
    const char *name = route == NULL ? "" : route->name;
    if (share == NULL)
        return NULL;
    size_t place = place_of(share, is_reply, sender, name);
    if (place < share->count && order_of(share->at[place], is_reply, sender, name) == 0)
        return lane_keep(lanes, share->at[place]);
    const struct lane_row row = {.program = program, .is_reply = is_reply, .sender = sender, .route = name};
    struct lane *lane = lane_add(lanes, &row);
    lane_settle(lanes, lane);
    lane->may_wait = false; /* nothing is in it yet */
    return lane_keep(lanes, lane);
}

void lanes_committed(struct lanes *lanes)
{
    for (size_t i = 0; lanes->has_new && i < lanes->count; i++)
        lanes->at[i]->is_of_turn = false;
    lanes->has_new = false;
}

void lanes_rolled_back(struct lanes *lanes)
{
    for (size_t i = 0; lanes->has_new && i < lanes->count; i++) {
        if (lanes->at[i]->is_of_turn)
            lanes->at[i]->id = 0;
        lanes->at[i]->is_of_turn = false;
    }
    lanes->has_new = false;
    lanes_doubt(lanes); /* what was moved in this turn is where it was */
    lanes_wake_all(lanes);
}

/* ---- what may wait in them ---- */

void lanes_wake(struct lanes *lanes, int64_t program)
{
    const struct share *share = share_of(lanes, program);
    for (size_t i = 0; share != NULL && i < share->count; i++)
        share->at[i]->may_wait = true;
}

void lanes_wake_all(struct lanes *lanes)
{
    for (size_t i = 0; i < lanes->count; i++)
        lanes->at[i]->may_wait = true;
}

void lanes_wake_due(struct lanes *lanes, int64_t now_ms)
{
    for (size_t i = 0; i < lanes->count; i++)
        if (lanes->at[i]->due_at > 0 && lanes->at[i]->due_at <= now_ms)
            lanes->at[i]->may_wait = true;
}

static void lane_due(void *owner)
{
    struct lane *lane = owner;
    lane->may_wait = true;
}

void lane_is_empty(struct lanes *lanes, struct lane *lane, int64_t now_ms)
{
    lane->may_wait = false;
    lane->due_at = lane->id == 0 ? 0 : store_lane_next_due(lanes->store, lane->id);
    if (lane->due_at > 0)
        timer_set(lanes->loop, &lane->due, lane->due_at > now_ms ? lane->due_at - now_ms : 0, lane_due,
                  lane);
}

/* ---- whose turn it is ---- */

struct lane *lanes_next(const struct lanes *lanes, struct lane_walk *walk)
{
    for (; walk->kind < KINDS; walk->kind++, walk->program = 0)
        for (; walk->program < lanes->share_count; walk->program++, walk->lane = 0) {
            const struct share *share = lanes->turns[walk->kind][walk->program];
            if (walk->lane < share->turn_count[walk->kind])
                return share->turns[walk->kind][walk->lane++];
        }
    return NULL;
}

void lanes_sent(struct lanes *lanes, struct lane *lane)
{
    share_of(lanes, lane->program_id)->has_sent[lane->is_reply] = true;
    lane->has_sent = lanes->has_sent[lane->is_reply] = true;
}

static bool share_has_sent(const void *it)
{
    return ((const struct share *)it)->has_sent[false];
}

static bool share_has_replied(const void *it)
{
    return ((const struct share *)it)->has_sent[true];
}

static bool lane_has_sent(const void *it)
{
    return ((const struct lane *)it)->has_sent;
}

/* Those that sent go behind the others, and of them the one that came first is the last: it took what another that also
 * sends elsewhere may have waited for. */
static void go_behind(struct lanes *lanes, void **turns, size_t count, bool (*has_sent)(const void *it))
{
    void **sent = region_get(loop_region(lanes->loop), (count + 1) * sizeof(void *));
    size_t kept = 0, gone = 0;
    for (size_t i = 0; i < count; i++)
        if (has_sent(turns[i]))
            sent[gone++] = turns[i];
        else
            turns[kept++] = turns[i];
    for (size_t i = 0; i < gone; i++)
        turns[kept++] = sent[(i + 1) % gone];
}

static void kind_turn_over(struct lanes *lanes, bool is_reply)
{
    if (!lanes->has_sent[is_reply])
        return;
    go_behind(lanes, lanes->turns[is_reply], lanes->share_count, is_reply ? share_has_replied : share_has_sent);
    for (size_t i = 0; i < lanes->share_count; i++) {
        struct share *share = &lanes->shares[i];
        if (!share->has_sent[is_reply])
            continue;
        go_behind(lanes, share->turns[is_reply], share->turn_count[is_reply], lane_has_sent);
        for (size_t k = 0; k < share->turn_count[is_reply]; k++)
            ((struct lane *)share->turns[is_reply][k])->has_sent = false;
        share->has_sent[is_reply] = false;
    }
    lanes->has_sent[is_reply] = false;
}

void lanes_turn_over(struct lanes *lanes)
{
    kind_turn_over(lanes, false);
    kind_turn_over(lanes, true);
}

struct lane *lanes_of(const struct lanes *lanes, int64_t program, size_t n)
{
    const struct share *share = share_of(lanes, program);
    return share == NULL || n >= share->count ? NULL : share->at[n];
}
