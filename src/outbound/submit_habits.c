/* What a submit_sm says beside the text, as the carrier wants it. */
#include <stdio.h>

#include "carrier_parts.h"
#include "config/habit.h"
#include "consent/number.h"
#include "consent/sender.h"
#include "smpp/smpp_time.h"

#define RELATIVE_MOST_MS (INT64_C(31) * 86400000) /* what a relative time can say for sure (F192) */

static uint8_t of_kind(const struct config_list *list, const char *sender, uint8_t usual)
{
    unsigned own;
    if (list->count == 0)
        return usual;
    bool has_own = habit_kind_find(list, sender_kind_name(sender_kind_of(sender)), &own);
    return has_own ? (uint8_t)own : usual;
}

static void put_source(const struct config_carrier *config, const struct message *message,
                       struct submit_texts *texts, struct pdu *pdu)
{
    sender_to_smpp(message->sender, &pdu->source_addr_ton, &pdu->source_addr_npi, texts->source);
    pdu->source_addr_ton = of_kind(&config->source_ton, message->sender, pdu->source_addr_ton);
    pdu->source_addr_npi = of_kind(&config->source_npi, message->sender, pdu->source_addr_npi);
    pdu->source_addr = octets_text(texts->source);
}

/* Without its plus, unless the carrier wants it (F170, F171). */
static void put_destination(const struct config_carrier *config, const struct message *message,
                            struct submit_texts *texts, struct pdu *pdu)
{
    number_write(message->number, texts->destination);
    pdu->dest_addr_ton = (uint8_t)config->dest_ton;
    pdu->dest_addr_npi = (uint8_t)config->dest_npi;
    pdu->destination_addr = octets_text(texts->destination + !config->plus);
}

/* The time that the message has left, and never more; none where it has no end and the carrier no limit. Dispatch lets none go
 * with less than a second of it: a time of nothing is refused. */
static void put_validity(const struct config_carrier *config, const struct message *message,
                         int64_t now_ms, struct submit_texts *texts, struct pdu *pdu)
{
    int64_t left_ms = message->expires_at > 0 ? message->expires_at - now_ms : INT64_MAX;
    if (config->validity_limit_ms > 0 && config->validity_limit_ms < left_ms)
        left_ms = config->validity_limit_ms;
    if (config->validity == CONFIG_VALIDITY_NONE || left_ms == INT64_MAX)
        return;
    if (config->validity == CONFIG_VALIDITY_ABSOLUTE)
        smpp_time_write(now_ms + left_ms, texts->validity);
    else if (left_ms < 1000) /* since dispatch looked, a moment has passed */
        smpp_time_write_wait(1000, texts->validity);
    else
        smpp_time_write_wait(left_ms < RELATIVE_MOST_MS ? left_ms : RELATIVE_MOST_MS, texts->validity);
    pdu->validity_period = octets_text(texts->validity);
}

void submit_habits(const struct config_carrier *config, const struct message *message, int64_t now_ms,
                   struct submit_texts *texts, struct pdu *pdu)
{
    put_source(config, message, texts, pdu);
    put_destination(config, message, texts, pdu);
    put_validity(config, message, now_ms, texts, pdu);
    pdu->service_type = octets_text(config->service_type);
    pdu->priority_flag = (uint8_t)config->priority_flag;
    pdu->registered_delivery = (uint8_t)config->registered_delivery;
}
