/* What its campaign says of a message that would leave now: so a pause or an end counts from the next turn on, however many
 * of its messages are queued. */
#include "dispatch_parts.h"
#include "outbound/carrier.h"
#include "outbound/settle.h"

void dispatch_ask_campaigns(struct dispatch *dispatch,
                            enum campaign_order (*order_of)(void *owner, int64_t campaign), void *owner)
{
    dispatch->order_of = order_of;
    dispatch->order_owner = owner;
}

static void put_aside(struct dispatch *dispatch, const struct message *message, bool is_new, int64_t now_ms)
{
    if (is_new)
        settle_new(dispatch->settle, message, MESSAGE_QUEUED, "", now_ms);
    store_campaign_aside(dispatch->store, message->id, now_ms);
}

/* What may have arrived, in part or whole, is not called cancelled: it goes its way. */
static bool may_drop(struct dispatch *dispatch, const struct message *message, bool is_new)
{
    unsigned last;
    return strcmp(message->reason, MESSAGE_UNANSWERED) != 0 &&
           dispatch_first_part(dispatch, message, is_new, &last) == 1;
}

bool dispatch_follows_campaign(struct dispatch *dispatch, const struct message *message, bool is_new,
                               int64_t now_ms)
{
    enum campaign_order order = CAMPAIGN_GO;
    if (message->campaign != 0 && dispatch->order_of != NULL)
        order = dispatch->order_of(dispatch->order_owner, message->campaign);
    if (order == CAMPAIGN_GO || (order == CAMPAIGN_DROP && !may_drop(dispatch, message, is_new)))
        return false;
    if (order == CAMPAIGN_WAIT)
        put_aside(dispatch, message, is_new, now_ms);
    else if (is_new)
        settle_new(dispatch->settle, message, MESSAGE_CANCELLED, "its campaign was cancelled", now_ms);
    else
        settle_move(dispatch->settle, message, MESSAGE_CANCELLED, "its campaign was cancelled", false, NULL,
                    now_ms);
    return true;
}

struct recall {
    const struct dispatch *dispatch;
    int64_t campaign;
};

static bool is_of_campaign(void *who, uint64_t tag, unsigned part)
{
    const struct recall *recall = who;
    (void)part;
    const struct flight *flight = flights_find(recall->dispatch->flights, flight_tag_id(tag));
    return flight != NULL && flight->message.campaign == recall->campaign;
}

void dispatch_withdraw_campaign(struct dispatch *dispatch, int64_t campaign)
{
    struct recall recall = {dispatch, campaign};
    carriers_withdraw(dispatch->carriers, is_of_campaign, &recall);
}
