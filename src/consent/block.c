#include "consent/block.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/must.h"
#include "consent/ledger.h"
#include "consent/program.h"

int64_t block_record(struct ledger *ledger, int64_t now_ms, const struct program *program,
                     const struct message *message, enum verdict verdict, const char *stage,
                     const char *why)
{
    const struct verdict_row *row = verdict_row(verdict);
    json_t *payload =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "code", row->code, "title", row->title, "why", why,
                  "stage", stage, "account", message->account, "sender", message->sender, "purpose",
                  message_purpose_word(message->purpose));
    must(payload != NULL);
    if (message->id != 0) {
        char id[MESSAGE_ID_SIZE];
        message_id_write(message->id, message->tail, id);
        json_object_set_new(payload, "message_id", json_string(id));
    }
    if (message->client_ref[0] != '\0')
        json_object_set_new(payload, "client_ref", json_string(message->client_ref));
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    int64_t seq =
        ledger_append_block(ledger, now_ms, program == NULL ? "" : program->config->name, message->number, text,
                            message->account, row->code);
    free(text);
    json_decref(payload);
    return seq;
}
