#include "src/sim/sim_receipt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "src/sim/sim_text.h"

#define RECEIPT_WORDS 20 /* octets of the message in its receipt (3.4 appendix B) */
#define ESM_RECEIPT   0x04

/* Only septets can stand in the receipt, itself GSM text; no escape may lose its second half. */
static struct octets words_for_receipt(const struct sim_submit *submit)
{
    enum sim_coding coding = sim_coding_of(submit->data_coding);
    size_t length = submit->text.length < RECEIPT_WORDS ? submit->text.length : RECEIPT_WORDS;
    if (coding != SIM_GSM7)
        return octets_of(NULL, 0);
    if (length > 0 && submit->text.at[length - 1] == 0x1B)
        length--;
    return octets_of(submit->text.at, length);
}

/* 3.4 appendix B, in the order and with the labels that clients read by (F321); times are UTC. */
static size_t write_text(const struct sim_message *message, const struct sim_state *state,
                         const char *id, char out[SIM_RECEIPT_TEXT_SIZE])
{
    char submitted[SIM_DATE_SIZE], done[SIM_DATE_SIZE];
    bool is_delivered = state->message_state == 2;
    sim_write_date(message->heard_at, submitted);
    sim_write_date(message->final_at, done);
    int head = snprintf(
        out, SIM_RECEIPT_TEXT_SIZE,
        "id:%s sub:001 dlvrd:%s submit date:%.10s done date:%.10s stat:%s err:%s text:", id,
        is_delivered ? "001" : "000", submitted, done, state->stat, is_delivered ? "000" : "001");
    struct octets words = words_for_receipt(&message->submit);
    must(head > 0 && (size_t)head + words.length < SIM_RECEIPT_TEXT_SIZE);
    if (words.length > 0)
        memcpy(out + head, words.at, words.length);
    return (size_t)head + words.length;
}

/* The id as the receipt says it; the submit_sm_resp said it in lower-case hexadecimal. */
static void write_id(const char *id, enum sim_form form, char out[SIM_ID_SIZE])
{
    const char *zeros = form == SIM_FORM_ID_ZEROS ? "0000" : "";
    if (form == SIM_FORM_ID_DEC)
        snprintf(out, SIM_ID_SIZE, "%" PRIu64, (uint64_t)strtoull(id, NULL, 16));
    else
        snprintf(out, SIM_ID_SIZE, "%s%s", zeros, id);
    for (char *at = out; form == SIM_FORM_ID_UPPER && *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
}

static size_t length_in_form(const char *text, size_t length, enum sim_form form)
{
    if (form == SIM_FORM_TLV_ONLY)
        return 0;
    const char *words = form == SIM_FORM_NO_TEXT ? memmem(text, length, " text:", 6) : NULL;
    return words == NULL ? length : (size_t)(words - text);
}

void sim_receipt_write(const struct sim_message *message, const struct sim_state *state,
                       enum sim_form form, struct sim_receipt *out)
{
    *out = (struct sim_receipt){.deliver = {.from = message->submit.to, /* swapped (F178) */
                                            .to = message->submit.from,
                                            .message_state = state->message_state}};
    struct sim_deliver *deliver = &out->deliver;
    write_id(message->id, form, out->id);
    size_t length = write_text(message, state, out->id, out->text);
    deliver->text = octets_of(out->text, length_in_form(out->text, length, form));
    deliver->esm_class = form == SIM_FORM_AS_MO ? 0 : ESM_RECEIPT;
    deliver->is_data_sm = form == SIM_FORM_AS_DATA_SM;
    deliver->receipted_id = form == SIM_FORM_NO_TLV ? NULL : out->id;
}
