#include "outbound/notify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/must.h"
#include "consent/account.h"
#include "consent/verdict.h"
#include "smpp/receipt.h"

struct notify {
    struct store *store;
    const struct accounts *accounts;
    void (*waits)(void *owner, const char *account);
    void *owner;
};

struct notify *notify_open(struct store *store, const struct accounts *accounts)
{
    struct notify *notify = mem_new(sizeof *notify);
    notify->store = store;
    notify->accounts = accounts;
    return notify;
}

void notify_close(struct notify *notify)
{
    free(notify);
}

void notify_listen(struct notify *notify, void (*waits)(void *owner, const char *account),
                   void *owner)
{
    notify->waits = waits;
    notify->owner = owner;
}

static void put(struct notify *notify, struct handover *handover)
{
    handover->id = store_next_id(notify->store, clock_wall_ms());
    store_handover_put(notify->store, handover);
    if (notify->waits != NULL)
        notify->waits(notify->owner, handover->account);
}

int notify_state(enum message_state state)
{
    switch (state) {
    case MESSAGE_SCHEDULED:
        return RECEIPT_STATE_SCHEDULED;
    case MESSAGE_QUEUED:
    case MESSAGE_HELD:
    case MESSAGE_SENDING:
    case MESSAGE_SENT:
        return RECEIPT_STATE_ENROUTE;
    case MESSAGE_UNKNOWN:
        return RECEIPT_STATE_UNKNOWN;
    case MESSAGE_DELIVERED:
        return RECEIPT_STATE_DELIVERED;
    case MESSAGE_EXPIRED:
        return RECEIPT_STATE_EXPIRED;
    case MESSAGE_CANCELLED:
        return RECEIPT_STATE_DELETED;
    case MESSAGE_BLOCKED:
        return RECEIPT_STATE_REJECTED;
    case MESSAGE_FAILED:
        break;
    }
    return RECEIPT_STATE_UNDELIVERABLE;
}

void notify_receipt(struct notify *notify, const struct message *message, enum message_state state,
                    const char *reason)
{
    char err[8] = "";
    struct handover handover = {.account = message->account,
                                .message = message->id,
                                .state = notify_state(state),
                                .err = err};
    /* INTERFACE: a message blocked at dispatch bears the last three digits of its status. */
    enum verdict verdict = verdict_find(octets_text(reason));
    if (state == MESSAGE_BLOCKED && verdict != VERDICT_ALLOWED)
        snprintf(err, sizeof err, "%03X", (unsigned)(verdict_row(verdict)->smpp_status & 0xFFF));
    put(notify, &handover);
}

void notify_inbound(struct notify *notify, const struct inbound *inbound, const char *program)
{
    for (size_t i = 0; i < accounts_count(notify->accounts); i++) {
        const struct account *account = accounts_at(notify->accounts, i);
        if (account->config == NULL || account->config->system_id[0] == '\0' ||
            !accounts_hears(notify->accounts, account, inbound, program))
            continue;
        struct handover handover = {.account = account->name, .inbound = inbound->id, .err = ""};
        put(notify, &handover);
    }
}
