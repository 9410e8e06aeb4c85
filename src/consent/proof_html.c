/* A packet as a page. Every value goes through one function that escapes it, and stands in an element of its own, so
 * that neither tags nor directional characters of a stranger's text reach beyond it. No links are made: an address that
 * a form named is evidence, not a place to go. */
#include "consent/proof.h"

#include <stdlib.h>

static const char style[] =
    "body{font:14px/1.45 sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#111}"
    "h1{font-size:1.6em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #999}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0}"
    "th,td{border:1px solid #bbb;padding:.3em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee;font-weight:600}td,pre,bdi{overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;margin:0;font-size:12px}code,.x{font:12px monospace}"
    ".none{color:#555}tr,pre{break-inside:avoid}"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}}";

/* ---- the one way in for a value ---- */

static void escape_put(FILE *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '&')
            fputs("&amp;", out);
        else if (*at == '<')
            fputs("&lt;", out);
        else if (*at == '>')
            fputs("&gt;", out);
        else if (*at == '"')
            fputs("&quot;", out);
        else if (*at == '\'')
            fputs("&#39;", out);
        else if ((*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f)
            fputs("\xef\xbf\xbd", out); /* no character of HTML */
        else
            putc(*at, out);
    }
}

static void value_put(FILE *out, const json_t *value)
{
    if (json_is_string(value) && json_string_length(value) > 0) {
        fputs("<bdi>", out);
        escape_put(out, json_string_value(value));
        fputs("</bdi>", out);
    } else if (json_is_integer(value)) {
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "yes" : "no", out);
    } else {
        fputs("<span class=\"none\">&ndash;</span>", out);
    }
}

/* ---- tables ---- */

struct field {
    const char *heading, *key;
};

static void head_put(FILE *out, const struct field *fields, size_t count)
{
    fputs("<table><thead><tr>", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<th>%s</th>", fields[i].heading);
    fputs("</tr></thead><tbody>\n", out);
}

static void row_put(FILE *out, const json_t *object, const struct field *fields, size_t count)
{
    fputs("<tr>", out);
    for (size_t i = 0; i < count; i++) {
        fputs("<td>", out);
        value_put(out, json_object_get(object, fields[i].key));
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void list_put(FILE *out, const json_t *list, const struct field *fields, size_t count)
{
    size_t i;
    const json_t *object;
    if (json_array_size(list) == 0) {
        fputs("<p class=\"none\">None is on record.</p>\n", out);
        return;
    }
    head_put(out, fields, count);
    json_array_foreach(list, i, object)
    {
        row_put(out, object, fields, count);
    }
    fputs("</tbody></table>\n", out);
}

#define LIST(out, list, ...)                                                                       \
    list_put(out, list, (const struct field[]){__VA_ARGS__},                                       \
             sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

/* ---- what the person did ---- */

static json_t *payload_read(const json_t *record)
{
    const char *text = json_string_value(json_object_get(record, "payload"));
    return text == NULL ? NULL : json_loads(text, 0, NULL);
}

static void nested_put(FILE *out, const json_t *value)
{
    char *text = json_is_object(value) || json_is_array(value) ? json_dumps(value, JSON_COMPACT) : NULL;
    json_t *written = text == NULL ? NULL : json_string(text);
    value_put(out, written == NULL ? value : written);
    json_decref(written);
    free(text);
}

/* All that a record says, field by field, as it was said. */
static void record_put(FILE *out, const json_t *record)
{
    const char *key;
    json_t *value, *payload = payload_read(record);
    fputs("<table><tbody><tr><th colspan=\"2\">Record ", out);
    value_put(out, json_object_get(record, "seq"));
    fputs(": ", out);
    value_put(out, json_object_get(record, "kind"));
    fputs(" in ", out);
    value_put(out, json_object_get(record, "program"));
    fputs(", ", out);
    value_put(out, json_object_get(record, "at"));
    fputs("</th></tr>\n", out);
    json_object_foreach(payload, key, value)
    {
        fputs("<tr><td>", out);
        escape_put(out, key);
        fputs("</td><td>", out);
        nested_put(out, value);
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
    json_decref(payload);
}

static void records_put(FILE *out, const json_t *records, bool is_blocks)
{
    size_t i, count = 0;
    const json_t *record;
    json_array_foreach(records, i, record)
    {
        const char *kind = json_string_value(json_object_get(record, "kind"));
        if ((kind != NULL && strcmp(kind, "block") == 0) != is_blocks)
            continue;
        record_put(out, record);
        count++;
    }
    if (count == 0)
        fputs("<p class=\"none\">None is on record.</p>\n", out);
}

/* ---- texts ---- */

static void messages_put(FILE *out, const json_t *messages)
{
    size_t i, k;
    const json_t *message, *try;
    static const struct field fields[] = {{"Made", "created_at"}, {"Program", "program"},
                                          {"From", "from"},       {"Text", "text"},
                                          {"Purpose", "purpose"}, {"Status", "status"},
                                          {"Sent", "sent_at"},    {"Answers", "answers"}};
    static const struct field tries[] = {{"Try", "try"}, {"Carrier", "carrier"}, {"Allowed by record", "consent_seq"}};
    size_t count = sizeof fields / sizeof *fields;
    json_array_foreach(messages, i, message)
    {
        head_put(out, fields, count);
        row_put(out, message, fields, count);
        fprintf(out, "</tbody></table>\n<p class=\"x\">Message ");
        value_put(out, json_object_get(message, "id"));
        fputs(", reason: ", out);
        value_put(out, json_object_get(message, "reason"));
        fputs(", salt ", out);
        value_put(out, json_object_get(message, "salt"));
        if (json_object_get(message, "cargo") != NULL) {
            fputs(", cargo ", out);
            value_put(out, json_object_get(message, "cargo"));
        }
        json_array_foreach(json_object_get(message, "tries"), k, try)
        {
            const json_t *seal = json_object_get(try, "seal");
            for (size_t n = 0; n < sizeof tries / sizeof *tries; n++) {
                fprintf(out, "%s%s ", n == 0 ? "<br>" : ", ", tries[n].heading);
                value_put(out, json_object_get(try, tries[n].key));
            }
            fputs(", sealed by record ", out);
            value_put(out, json_object_get(seal, "seq"));
            fputs(", leaf ", out);
            value_put(out, json_object_get(seal, "leaf"));
        }
        fputs("</p>\n", out);
    }
    if (json_array_size(messages) == 0)
        fputs("<p class=\"none\">None was sent.</p>\n", out);
}

/* ---- digests ---- */

static void digests_put(FILE *out, const json_t *records)
{
    size_t i;
    const json_t *record;
    static const char *const names[] = {"prev_hash",      "hash",         "number_salt",
                                        "number_digest",  "payload_salt", "payload_digest"};
    json_array_foreach(records, i, record)
    {
        fputs("<pre>record ", out);
        value_put(out, json_object_get(record, "seq"));
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            fprintf(out, "\n%-15s", names[k]);
            value_put(out, json_object_get(record, names[k]));
        }
        fputs("\npayload        ", out);
        value_put(out, json_object_get(record, "payload"));
        fputs("</pre><br>\n", out);
    }
}

static void paths_put(FILE *out, const json_t *messages)
{
    size_t i, k, n;
    const json_t *message, *try, *step;
    json_array_foreach(messages, i, message)
    {
        json_array_foreach(json_object_get(message, "tries"), k, try)
        {
            fputs("<pre>message ", out);
            value_put(out, json_object_get(message, "id"));
            fputs(" try ", out);
            value_put(out, json_object_get(try, "try"));
            json_array_foreach(json_object_get(json_object_get(try, "seal"), "path"), n, step)
            {
                fputs("\n", out);
                value_put(out, json_object_get(step, "side"));
                fputs(" ", out);
                value_put(out, json_object_get(step, "hash"));
            }
            fputs("</pre><br>\n", out);
        }
    }
}

static const char how_to_check[] =
    "<h2>How to check this</h2>\n"
    "<p>The same packet as JSON (<code>assent proof NUMBER --json</code>) is checked offline, without the gateway:</p>\n"
    "<pre>assent ledger verify --file PACKET.json --public-key LEDGER.pub.pem</pre>\n"
    "<p>By hand: a value is written as a netstring (its length in octets, a colon, the octets, a comma; what is missing is "
    "<code>-,</code>). Then, with SHA-256 over the netstrings of what stands in the brackets:</p>\n"
    "<pre>number_digest  = (\"number\", number_salt, number)\n"
    "payload_digest = (\"payload\", payload_salt, payload)\n"
    "hash           = (\"assent-ledger-1\", prev_hash, seq, at, kind, program, number_digest, payload_digest)\n"
    "content        = (\"content\", salt, number, text, and its cargo where it has one)\n"
    "leaf           = (\"assent-message-1\", id without hyphens, try, program, from, purpose, carrier, consent_seq,\n"
    "                  answers, content as 32 octets)\n"
    "node           = SHA-256 of one octet 1, left, right</pre>\n"
    "<p>A text's leaf, climbed along its neighbours, gives the <code>root</code> in the payload of the record that seals it. "
    "That these records are the ledger's is seen by their hashes in it, or in an export of it (<code>assent ledger export</code>), "
    "whose chain leads to the head above; the head's signature, or a head that was kept elsewhere, shows that the chain was not "
    "written anew. docs/ledger.md specifies every octet.</p>\n";

static void left_out_put(FILE *out, const json_t *left_out)
{
    size_t i;
    const json_t *name;
    if (json_array_size(left_out) == 0)
        return;
    fputs("<p><strong>This packet holds the newest only. There are older ones of these:</strong>", out);
    json_array_foreach(left_out, i, name)
    {
        fputs(" ", out);
        value_put(out, name);
    }
    fputs(". <code>assent proof NUMBER --db FILE</code> gives all.</p>\n", out);
}

static void top_put(FILE *out, const json_t *packet)
{
    const json_t *head = json_object_get(packet, "head");
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<title>Consent packet</title>\n<style>%s</style></head><body>\n<h1>Consent packet of ",
            style);
    value_put(out, json_object_get(packet, "phone"));
    fputs("</h1>\n<p>Made at ", out);
    value_put(out, json_object_get(packet, "made_at"));
    fputs(" from the ledger whose head was record ", out);
    value_put(out, json_object_get(head, "seq"));
    fputs(":</p>\n<pre>hash      ", out);
    value_put(out, json_object_get(head, "hash"));
    fputs("\nkey       ", out);
    value_put(out, json_object_get(head, "key"));
    fputs("\nsignature ", out);
    value_put(out, json_object_get(head, "signature"));
    fputs("</pre>\n", out);
    left_out_put(out, json_object_get(packet, "left_out"));
}

void proof_write_html(const json_t *packet, FILE *out)
{
    const json_t *records = json_object_get(packet, "records"), *messages = json_object_get(packet, "messages");
    top_put(out, packet);
    fputs("<h2>Where the number stands</h2>\n", out);
    LIST(out, json_object_get(packet, "consents"), {"Program", "program"}, {"Opted in", "opted_in"},
         {"How it came", "why"}, {"Done at", "collected_at"}, {"Since", "since"}, {"Record", "ledger_seq"},
         {"Opt-outs lifted up to record", "lifted_up_to"});
    fputs("<h2>What the person left</h2>\n", out);
    LIST(out, json_object_get(packet, "optouts"), {"Scope", "scope"}, {"Name", "name"}, {"How", "how"},
         {"At", "at"}, {"Record", "ledger_seq"});
    fputs("<h2>What the person saw and did</h2>\n", out);
    records_put(out, records, false);
    fputs("<h2>Texts that were sent</h2>\n", out);
    messages_put(out, messages);
    fputs("<h2>What the person wrote</h2>\n", out);
    LIST(out, json_object_get(packet, "inbound"), {"At", "at"}, {"To", "to"}, {"Program", "program"},
         {"Text", "text"}, {"Taken for", "verdict"}, {"By rule", "rule"}, {"What was done", "effect"},
         {"Record", "ledger_seq"}, {"Id", "id"});
    fputs("<h2>What was blocked</h2>\n", out);
    records_put(out, records, true);
    fputs("<h2>Digests</h2>\n", out);
    digests_put(out, records);
    digests_put(out, json_object_get(packet, "seals"));
    if (json_is_object(json_object_get(packet, "signature")))
        record_put(out, json_object_get(packet, "signature"));
    paths_put(out, messages);
    fputs(how_to_check, out);
    fputs("</body></html>\n", out);
}
