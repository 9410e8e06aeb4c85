/* The consent packet: GET /v1/consents/{phone}/proof, as JSON or as a page. */
#include "consent/proof.h"

#include <stdlib.h>

#include "base/must.h"
#include "base/region.h"
#include "consent/signature.h"
#include "http_parts.h"

/* The loop stands still while it is made: `assent proof --db` has all of a longer history. */
#define MOST 200

static bool may_see(void *who, const char *program)
{
    const struct ask *ask = who;
    return program[0] != '\0' && account_may_use(ask->account, program);
}

static void answer_page(struct ask *ask, const json_t *packet)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    must(out != NULL);
    proof_write_html(packet, out);
    must(fclose(out) == 0);
    answer_text(ask, 200, "text/html; charset=utf-8", region_copy(ask->region, octets_of(text, length)));
    ask->answer.header = "Content-Security-Policy";
    ask->answer.value = "default-src 'none'; style-src 'unsafe-inline'";
    free(text);
}

void proof_get(struct ask *ask)
{
    char hash[DIGEST_HEX_SIZE], signature[SIGNATURE_HEX_SIZE], key[SIGN_PUBLIC_HEX_SIZE];
    struct proof_order order = {
        .most = MOST, .now_ms = ask->now_ms, .who = ask, .head_hash = hash};
    order.may_see = ask_uses_every_program(ask) ? NULL : may_see;
    if (!ask_number(ask, "phone", ask->segment, &order.number))
        return;
    order.head_seq = ledger_head(ask->gateway->ledger, hash);
    if (ask->gateway->sign_key != NULL) {
        signature_make(ask->gateway->sign_key, order.head_seq, hash, signature);
        signature_key_hex(ask->gateway->sign_key, key);
        order.signature = signature;
        order.key = key;
    }
    json_t *packet = proof_make(ask->gateway->store, &order);
    if (packet == NULL) {
        answer_unavailable(ask);
    } else if (ask->wants_html) {
        answer_page(ask, packet);
        json_decref(packet);
    } else {
        answer_json(ask, 200, packet);
    }
}
