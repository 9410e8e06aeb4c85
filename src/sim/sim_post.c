#include "src/sim/sim_post.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "src/sim/sim_bind.h"
#include "src/sim/sim_receipt.h"
#include "src/sim/sim_say.h"

#define AGAIN_MS 5000 /* after a client said "later" */

TAILQ_HEAD(deliveries, sim_delivery);

/* The receipts of one client that wait for a receiver. It lives while there are any. */
struct mailbox {
    TAILQ_ENTRY(mailbox) mailboxes;
    char system_id[SIM_NAME_SIZE];
    struct deliveries ready;
};

/* The first in it is the first to be due. All mostly wait equally long, so a new one belongs to the
 * end. */
struct waiting {
    struct sim_post *post;
    struct deliveries deliveries;
    struct timer due;
};

struct sim_post {
    struct sim *sim;
    struct waiting first; /* receipts that have not been sent yet */
    struct waiting late;  /* of them, those that the knob makes late */
    struct waiting again;
    TAILQ_HEAD(, mailbox) mailboxes;
    uint64_t receipts; /* in all queues and on the wire */
    uint64_t mo;       /* number of the latest one */
};

static const struct sim_state states[] = {
    {"DELIVRD", 2}, {"EXPIRED", 3}, {"DELETED", 4}, {"UNDELIV", 5},
    {"ACCEPTD", 6}, {"UNKNOWN", 7}, {"REJECTD", 8},
};

const struct sim_state *sim_state_find(const char *stat)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].stat, stat) == 0)
            return &states[i];
    return NULL;
}

static void waiting_init(struct waiting *waiting, struct sim_post *post)
{
    waiting->post = post;
    TAILQ_INIT(&waiting->deliveries);
}

struct sim_post *sim_post_open(struct sim *sim)
{
    struct sim_post *post = mem_new(sizeof *post);
    post->sim = sim;
    waiting_init(&post->first, post);
    waiting_init(&post->late, post);
    waiting_init(&post->again, post);
    TAILQ_INIT(&post->mailboxes);
    return post;
}

static void free_all(struct deliveries *deliveries)
{
    struct sim_delivery *delivery;
    while ((delivery = TAILQ_FIRST(deliveries)) != NULL) {
        TAILQ_REMOVE(deliveries, delivery, queue);
        free(delivery);
    }
}

void sim_post_close(struct sim_post *post)
{
    if (post == NULL)
        return;
    struct mailbox *mailbox;
    while ((mailbox = TAILQ_FIRST(&post->mailboxes)) != NULL) {
        TAILQ_REMOVE(&post->mailboxes, mailbox, mailboxes);
        free_all(&mailbox->ready);
        free(mailbox);
    }
    timer_clear(post->sim->loop, &post->first.due);
    timer_clear(post->sim->loop, &post->late.due);
    timer_clear(post->sim->loop, &post->again.due);
    free_all(&post->first.deliveries);
    free_all(&post->late.deliveries);
    free_all(&post->again.deliveries);
    free(post);
}

static struct sim_delivery *delivery_new(const struct sim_deliver *deliver)
{
    struct sim_delivery *delivery = mem_new(sizeof *delivery + deliver->text.length);
    delivery->deliver = *deliver;
    if (deliver->text.length > 0)
        memcpy(delivery->octets, deliver->text.at, deliver->text.length);
    delivery->deliver.text = octets_of(delivery->octets, deliver->text.length);
    return delivery;
}

/* ---- mailboxes ---- */

static struct mailbox *mailbox_find(struct sim_post *post, const char *system_id)
{
    struct mailbox *mailbox = TAILQ_FIRST(&post->mailboxes);
    while (mailbox != NULL && strcmp(mailbox->system_id, system_id) != 0)
        mailbox = TAILQ_NEXT(mailbox, mailboxes);
    return mailbox;
}

static struct mailbox *mailbox_get(struct sim_post *post, const char *system_id)
{
    struct mailbox *mailbox = mailbox_find(post, system_id);
    if (mailbox != NULL)
        return mailbox;
    mailbox = mem_new(sizeof *mailbox);
    snprintf(mailbox->system_id, sizeof mailbox->system_id, "%s", system_id);
    TAILQ_INIT(&mailbox->ready);
    TAILQ_INSERT_TAIL(&post->mailboxes, mailbox, mailboxes);
    return mailbox;
}

static void put_ready(struct sim_post *post, struct sim_delivery *receipt)
{
    TAILQ_INSERT_TAIL(&mailbox_get(post, receipt->system_id)->ready, receipt, queue);
}

void sim_post_pump(struct sim_post *post, const char *system_id)
{
    struct mailbox *mailbox = mailbox_find(post, system_id);
    if (mailbox == NULL)
        return;
    struct sim_delivery *receipt;
    while ((receipt = TAILQ_FIRST(&mailbox->ready)) != NULL) {
        struct sim_bind *bind = sim_bind_pick(post->sim, system_id, false);
        if (bind == NULL)
            return;
        TAILQ_REMOVE(&mailbox->ready, receipt, queue);
        post->sim->counters.receipts_sent++;
        sim_bind_deliver(bind, receipt);
    }
    TAILQ_REMOVE(&post->mailboxes, mailbox, mailboxes);
    free(mailbox);
}

/* ---- waiting ---- */

static void waiting_rings(void *owner);

static void wait_for_first(struct waiting *waiting)
{
    const struct sim_delivery *next = TAILQ_FIRST(&waiting->deliveries);
    if (next != NULL)
        timer_set(waiting->post->sim->loop, &waiting->due, next->due_ms - clock_mono_ms(),
                  waiting_rings, waiting);
}

static void waiting_rings(void *owner)
{
    struct waiting *waiting = owner;
    struct sim_post *post = waiting->post;
    int64_t now_ms = clock_mono_ms();
    struct sim_delivery *receipt;
    while ((receipt = TAILQ_FIRST(&waiting->deliveries)) != NULL && receipt->due_ms <= now_ms) {
        TAILQ_REMOVE(&waiting->deliveries, receipt, queue);
        put_ready(post, receipt);
        sim_post_pump(post, receipt->system_id);
    }
    wait_for_first(waiting);
}

static void wait_in(struct waiting *waiting, struct sim_delivery *receipt, int64_t wait_ms)
{
    receipt->due_ms = clock_mono_ms() + wait_ms;
    struct sim_delivery *before = TAILQ_LAST(&waiting->deliveries, deliveries);
    while (before != NULL && before->due_ms > receipt->due_ms)
        before = TAILQ_PREV(before, deliveries, queue);
    if (before == NULL)
        TAILQ_INSERT_HEAD(&waiting->deliveries, receipt, queue);
    else
        TAILQ_INSERT_AFTER(&waiting->deliveries, before, receipt, queue);
    if (before == NULL)
        wait_for_first(waiting);
}

/* ---- receipts ---- */

/* The lower two bits ask: 1 always, 2 on failure, 3 on success (5.0 4.7.21). */
static bool is_wanted(uint8_t registered_delivery, const struct sim_state *state)
{
    bool is_delivered = state->message_state == 2;
    switch (registered_delivery & 3) {
    case 1:
        return true;
    case 2:
        return !is_delivered;
    case 3:
        return is_delivered;
    default:
        return false;
    }
}

static void promise_one(struct sim_post *post, const struct sim_message *message,
                        const struct sim_state *state)
{
    struct sim *sim = post->sim;
    const struct sim_receipt_knob *knob = &sim->knobs.receipts;
    if (post->receipts >= SIM_RECEIPTS_MOST) {
        sim->counters.receipts_dropped++;
        return;
    }
    struct sim_receipt written;
    bool is_mangled = sim_dice_hit(&sim->dice, knob->mangled);
    sim_receipt_write(message, state, is_mangled ? knob->form : SIM_FORM_PLAIN, &written);
    struct sim_delivery *receipt = delivery_new(&written.deliver);
    memcpy(receipt->id, message->id, sizeof message->id);
    memcpy(receipt->told_id, written.id, sizeof written.id);
    memcpy(receipt->system_id, message->system_id, sizeof message->system_id);
    if (written.deliver.receipted_id != NULL)
        receipt->deliver.receipted_id = receipt->told_id;
    receipt->stat = state->stat;
    post->receipts++;
    int64_t wait_ms = sim->settings.receipt_after_ms;
    if (sim_dice_hit(&sim->dice, knob->late))
        wait_in(&post->late, receipt, wait_ms + knob->late_ms);
    else
        wait_in(&post->first, receipt, wait_ms);
}

void sim_post_promise(struct sim_post *post, const struct sim_message *message,
                      const struct sim_state *state)
{
    struct sim *sim = post->sim;
    const struct sim_receipt_knob *knob = &sim->knobs.receipts;
    if (!sim->sends_receipts || !is_wanted(message->submit.registered_delivery, state) ||
        sim_dice_hit(&sim->dice, knob->missing))
        return;
    promise_one(post, message, state);
    if (sim_dice_hit(&sim->dice, knob->doubled))
        promise_one(post, message, state);
}

/* ---- mobile originated ---- */

const char *sim_post_mo(struct sim_post *post, const struct sim_deliver *deliver, uint64_t *mo,
                        uint64_t *bind)
{
    bool wants_tlvs = deliver->is_payload || deliver->is_data_sm || deliver->sar_total > 0;
    struct sim_bind *receiver = sim_bind_pick(post->sim, NULL, wants_tlvs);
    if (receiver == NULL)
        return "no receiver is bound that has room";
    struct sim_delivery *delivery = delivery_new(deliver);
    delivery->mo = *mo = ++post->mo;
    *bind = sim_bind_number(receiver);
    post->sim->counters.mo_sent++;
    sim_bind_deliver(receiver, delivery);
    return NULL;
}

static void settle_mo(struct sim_post *post, struct sim_delivery *delivery, uint64_t bind,
                      const uint32_t *status)
{
    if (status != NULL && *status == SIM_OK)
        post->sim->counters.mo_taken++;
    sim_say_mo(post->sim, delivery->mo, bind, status, clock_mono_ms() - delivery->sent_at_ms);
    free(delivery);
}

/* ---- answers ---- */

/* What a client says when it wants to hear it again (F336). */
static bool means_later(uint32_t status)
{
    switch (status) {
    case SIM_SYSTEM_ERROR:
    case SIM_QUEUE_FULL:
    case SIM_THROTTLED:
    case SIM_LATER_AT_CLIENT:
    case SIM_DELIVERY_FAILURE:
    case SIM_UNKNOWN_ERROR:
        return true;
    default:
        return false;
    }
}

static void receipt_ends(struct sim_post *post, struct sim_delivery *receipt, uint32_t status)
{
    if (status == SIM_OK)
        post->sim->counters.receipts_taken++;
    else
        post->sim->counters.receipts_dropped++;
    post->receipts--;
    free(receipt);
}

void sim_post_settle(struct sim_post *post, struct sim_delivery *delivery, uint64_t bind,
                     const uint32_t *status)
{
    if (delivery->mo != 0) {
        settle_mo(post, delivery, bind, status);
        return;
    }
    sim_say_receipt(post->sim, delivery->stat, delivery->id, bind, status);
    if (status == NULL)
        put_ready(post, delivery);
    else if (means_later(*status))
        wait_in(&post->again, delivery, AGAIN_MS);
    else
        receipt_ends(post, delivery, *status);
}

uint64_t sim_post_waiting(const struct sim_post *post)
{
    return post->receipts;
}
