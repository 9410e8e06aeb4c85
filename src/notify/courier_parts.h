/* The inside of notify/courier.h: receivers (receiver.c), what is under way to them (parcel.c), the share of their account
 * (share.c), and the courier that has them take turns. Private to those files. */
#ifndef SRC_COURIER_PARTS_H
#define SRC_COURIER_PARTS_H

#include <sys/queue.h>

#include "base/loop.h"
#include "notify/courier.h"
#include "notify/post.h"
#include "store/store.h"

struct config_account;

#define COURIER_DISK_REST_MS 1000
#define COURIER_BUCKETS      1024

enum parcel_state {
    PARCEL_PICKED,   /* in this turn: begins with its commit */
    PARCEL_UNDER_WAY,
    PARCEL_ANSWERED, /* not written yet */
    PARCEL_WRITTEN   /* in this turn: over with its commit */
};

struct parcel {
    TAILQ_ENTRY(parcel) line;
    struct receiver *receiver;
    enum parcel_state state;
    struct webhook row; /* with texts of its own, but for those of the receiver */
    struct post_answer answer;
    bool is_counted;
    bool is_doubtful; /* the receiver's last try had failed */
    int64_t rest_until_ms; /* monotonic: it is not written before */
};

/* Each stands in one queue. */
enum receiver_place {
    RECEIVER_ASLEEP,  /* until its timer rings, something new waits, or something lands */
    RECEIVER_AWAKE,   /* looked at in this turn or the next */
    RECEIVER_DONE,    /* nothing waits for it: forgotten with this turn's commit */
    RECEIVER_PLACES,
    RECEIVER_IN_LINE = RECEIVER_PLACES, /* may have more as soon as its share has room: stands there */
    RECEIVER_BEHIND                     /* the same, and its last try failed */
};
TAILQ_HEAD(receiver_list, receiver);

struct receiver {
    TAILQ_ENTRY(receiver) line; /* of its place */
    struct receiver *next;      /* of its bucket */
    enum receiver_place place;
    struct courier *courier;
    struct share *share;
    const char *account; /* of its share */
    char *origin;
    unsigned parcels;
    unsigned failures;      /* in a row */
    int64_t failing_since;  /* wall */
    int64_t rest_until_ms;  /* monotonic */
    int64_t sweep_at_ms;    /* the same: what is over is looked for then */
    bool is_hurried;        /* somebody waits to see what becomes of the next */
    struct timer timer;
};

struct share { /* of an account that has receivers */
    TAILQ_ENTRY(share) line;
    struct courier *courier;
    char *account;
    unsigned receivers, parcels;
    unsigned doubtful; /* of the parcels: to receivers whose last try had failed */
    struct receiver_list in_line, behind;
};

struct courier {
    struct loop *loop;
    struct store *store;
    const struct accounts *accounts;
    const struct config *config;
    struct posts *posts;
    struct receiver_list receivers[RECEIVER_PLACES];
    TAILQ_HEAD(, share) shares;
    struct receiver *buckets[COURIER_BUCKETS]; /* by account and origin: messages may name many */
    TAILQ_HEAD(, parcel) parcels;
    struct courier_counts counts;
    unsigned swept;      /* events given up in this turn without a try */
    int64_t sweep_at_ms; /* monotonic: none is before */
    bool has_work, is_stopping;
    struct timer disk_timer, tidy_timer;
};

/* ---- courier.c ---- */

void courier_wake(struct courier *courier);
/* NULL: the account is one of the database, or gone. */
const struct config_account *courier_config_of(const struct courier *courier, const char *account);

/* ---- receiver.c ---- */

struct receiver *receiver_find(struct courier *courier, const char *account, const char *origin); /* makes it */
void receiver_drop(struct receiver *receiver); /* nothing is under way to it */
void receiver_wake(struct receiver *receiver);
/* It has answered, or not. */
void receiver_judge(struct receiver *receiver, const struct post_answer *answer);
/* One more is tried now, however it has behaved. */
void receiver_hurry(struct receiver *receiver);
/* What was learned of it counts no more. */
void receiver_trust(struct receiver *receiver);
/* Of one that is awake: whether it may have more, or when. */
void receiver_turn(struct receiver *receiver);
/* It is its turn, and its share has room: picks what is due. */
void receiver_go(struct receiver *receiver);

/* ---- share.c ---- */

struct share *share_find(struct courier *courier, const char *account); /* makes it */
void share_leave(struct share *share); /* by a receiver: the last one takes it along */
unsigned share_room(const struct share *share, bool is_doubtful); /* for so many more */
struct receiver *share_next(const struct courier *courier); /* whose turn it is of those in line; NULL: nobody's */

/* ---- parcel.c ---- */

struct parcel *parcel_find(const struct courier *courier, int64_t id); /* NULL: it isn't under way */
void parcel_new(struct receiver *receiver, const struct webhook *row);
void parcel_drop(struct parcel *parcel);  /* its receiver is woken */
void parcel_begin(struct parcel *parcel);
void parcel_write(struct parcel *parcel); /* what became of it, into its row */
bool parcel_is_taken(const struct post_answer *answer);
/* Of one that isn't tried any more. */
void parcel_give_up(struct courier *courier, const struct webhook *row, int tried,
                    const struct post_answer *answer, int64_t now_ms);

#endif
