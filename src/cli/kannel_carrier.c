/* A group `smsc` that speaks SMPP as a carrier section. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "kannel_writer.h"

#define WINDOW "10" /* Kannel's, where max-pending-submits is left out */

static int line_of(const struct kannel_group *group, const char *name)
{
    const struct kannel_setting *setting = kannel_setting_find(group, name);
    return setting == NULL ? group->line : setting->line;
}

/* A name that `carriers = { "a=70, b" }` can say, and that no other section has. */
static char *name_of(const struct kannel_writer *writer, const struct kannel_group *group)
{
    const char *id = kannel_setting_take(group, "smsc-id");
    const struct kannel_setting *host = kannel_setting_find(group, "host");
    const char *from = id != NULL && id[0] != '\0' ? id : host != NULL && host->value[0] != '\0' ? host->value : "smsc";
    char *first, *name;
    must(asprintf(&first, "%.50s", from) > 0);
    for (char *at = first; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("._-", *at) == NULL)
            *at = '-';
    name = mem_text(first);
    for (int n = 2; kannel_names_have(&writer->carriers, name); n++) {
        free(name);
        must(asprintf(&name, "%s-%d", first, n) > 0);
    }
    free(first);
    return name;
}

/* ---- one by one ---- */

static bool is_port(const char *value)
{
    return value != NULL && strtol(value, NULL, 10) > 0;
}

/* Kannel binds a transmitter to `port` and a receiver to `receive-port`, but for a transceiver. */
static void write_bind(struct kannel_writer *writer, const struct kannel_group *group)
{
    bool is_transceiver = kannel_setting_says(group, "transceiver-mode", false);
    const char *port = kannel_setting_take(group, "port"), *receive = kannel_setting_take(group, "receive-port");
    bool sends = is_port(port), hears = is_port(receive);
    if (sends || !hears)
        kannel_write_key(writer, group, "port", sends ? port : "2775", line_of(group, "port"));
    else
        kannel_write_key(writer, group, "port", receive, line_of(group, "receive-port"));
    if (is_transceiver || (sends && hears)) {
        kannel_write_key(writer, group, "bind", "transceiver", group->line);
        if (!is_transceiver)
            kannel_write_comment(writer, "    ", "where the carrier refuses a transceiver, a transmitter and a receiver are bound");
        if (!is_transceiver && strcmp(port, receive) != 0)
            kannel_write_comment(writer, "    ", "receive-port = %.20s (%s): both ways go to one port: ask the carrier which",
                                 receive, kannel_place(writer, group, line_of(group, "receive-port")));
        return;
    }
    kannel_write_key(writer, group, "bind", hears ? "receiver" : "transmitter", group->line);
    kannel_write_comment(writer, "    ", hears ? "a receiver alone sends nothing"
                                               : "a transmitter alone hears no STOP and no receipt: ask the carrier for a transceiver");
}

static void write_tls(struct kannel_writer *writer, const struct kannel_group *group)
{
    const char *file = kannel_setting_take(group, "ssl-client-certkey-file");
    bool is_on = kannel_setting_says(group, "use-ssl", false);
    if (is_on) {
        kannel_write_key(writer, group, "tls", "true", group->line);
        kannel_write_comment(writer, "    ", "its certificate must be valid for its host; `ca_file` names other authorities");
    }
    if (file == NULL || !is_on)
        return;
    kannel_write_key(writer, group, "certificate", file, line_of(group, "ssl-client-certkey-file"));
    kannel_write_key(writer, group, "private_key", file, line_of(group, "ssl-client-certkey-file"));
}

/* Of numbers: names keep their own, as they do in Kannel where the kind is found out. */
static void write_source(struct kannel_writer *writer, const struct kannel_group *group, const char *name, const char *key)
{
    static const char *const kinds[] = {"10dlc", "toll_free", "short_code"};
    const char *value = kannel_setting_take(group, name);
    char *list = NULL, why[SETTING_WHY_SIZE];
    struct config_carrier scratch = {.name = NULL};
    if (value == NULL)
        return;
    must(asprintf(&list, "10dlc %.20s", value) > 0);
    bool fits = setting_put(setting_find(SECTION_carrier, key), list, &scratch, why);
    free(list);
    if (!fits) {
        kannel_write_comment(writer, "    ", "%s: %s (%s)", key, why, kannel_place(writer, group, line_of(group, name)));
        writer->notes++;
        return;
    }
    setting_wipe(setting_find(SECTION_carrier, key), &scratch);
    fprintf(writer->out, "    %s = { ", key);
    for (size_t i = 0; i < 3; i++)
        fprintf(writer->out, "%s\"%s %s\"", i == 0 ? "" : ", ", kinds[i], value);
    fputs(" }\n", writer->out);
}

static void write_sources(struct kannel_writer *writer, const struct kannel_group *group)
{
    bool is_found_out = kannel_setting_says(group, "source-addr-autodetect", true);
    write_source(writer, group, "source-addr-ton", "source_ton");
    write_source(writer, group, "source-addr-npi", "source_npi");
    if (!is_found_out)
        kannel_write_comment(writer, "    ", "source-addr-autodetect = no: names as senders have 5/0; source_ton and source_npi "
                                             "say otherwise");
}

/* Bit 1: hexadecimal in the answer; bit 2: in the receipt. */
static void write_id_type(struct kannel_writer *writer, const struct kannel_group *group)
{
    const char *value = kannel_setting_take(group, "msg-id-type");
    long type = value == NULL ? -1 : strtol(value, NULL, 0);
    if (type == 1 || type == 2)
        kannel_write_key(writer, group, "message_id", type == 1 ? "hex_to_dec" : "dec_to_hex", line_of(group, "msg-id-type"));
    else if (value != NULL)
        kannel_write_comment(writer, "    ", "msg-id-type = %.20s (%s): how ids of receipts are written is found out by itself", value,
                             kannel_place(writer, group, line_of(group, "msg-id-type")));
}

static void write_alphabet(struct kannel_writer *writer, const struct kannel_group *group)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {{"GSM", "gsm7"},          {"GSM 03.38", "gsm7"},  {"latin1", "latin1"}, {"ISO-8859-1", "latin1"},
                 {"ISO8859-1", "latin1"},  {"ASCII", "ascii"},     {"US-ASCII", "ascii"}};
    const char *value = kannel_setting_take(group, "alt-charset");
    if (value == NULL)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(value, names[i].theirs) == 0) {
            kannel_write_key(writer, group, "data_coding_0", names[i].ours, line_of(group, "alt-charset"));
            return;
        }
    kannel_write_comment(writer, "    ", "alt-charset = %.60s (%s): data_coding 0 is gsm7, gsm7_packed, latin1 or ascii", value,
                         kannel_place(writer, group, line_of(group, "alt-charset")));
    writer->notes++;
}

static void write_validity(struct kannel_writer *writer, const struct kannel_group *group)
{
    const char *value = kannel_setting_take(group, "validityperiod");
    char *minutes;
    if (value == NULL)
        return;
    must(asprintf(&minutes, "%.20sm", value) > 0);
    if (kannel_write_key(writer, group, "validity_limit", minutes, line_of(group, "validityperiod")))
        kannel_write_key(writer, group, "validity", "absolute", line_of(group, "validityperiod"));
    free(minutes);
}

/* ---- TLVs of its own ---- */

/* Whether a list parted by semicolons has the name. An empty one has all. */
static bool list_has(const char *list, const char *name)
{
    if (list == NULL || list[0] == '\0')
        return true;
    for (size_t length; *list != '\0'; list += length + (list[length] == ';' ? 1 : 0)) {
        length = strcspn(list, ";");
        const char *from = list + strspn(list, " ");
        size_t most = length - (size_t)(from - list);
        while (most > 0 && from[most - 1] == ' ')
            most--;
        if (most == strlen(name) && strncmp(from, name, most) == 0)
            return true;
    }
    return false;
}

static const char *value_of(const struct kannel_group *group, const char *name)
{
    const struct kannel_setting *setting = kannel_setting_find(group, name);
    return setting == NULL ? NULL : setting->value;
}

/* A line of `tlvs`. */
static char *tlv_line(const struct kannel_group *tlv)
{
    const char *name = value_of(tlv, "name"), *type = value_of(tlv, "type"), *length = value_of(tlv, "length");
    const char *tag = value_of(tlv, "tag");
    bool is_whole = type != NULL && strcasecmp(type, "integer") == 0;
    bool is_text = type != NULL && strcasecmp(type, "nulterminated") == 0;
    unsigned long number = tag == NULL ? 0 : strtoul(tag, NULL, 0);
    long octets = length == NULL ? 0 : strtol(length, NULL, 10);
    char *line;
    if (is_whole)
        must(asprintf(&line, "%.32s 0x%lX int%ld", name == NULL ? "?" : name, number, octets) > 0);
    else
        must(asprintf(&line, "%.32s 0x%lX %s %ld", name == NULL ? "?" : name, number,
                      is_text ? "c_octet_string" : "octet_string", octets) > 0);
    for (char *at = line; *at != ' ' && *at != '\0'; at++)
        if (!isalnum((unsigned char)*at))
            *at = '_';
    return line;
}

static void write_tlvs(struct kannel_writer *writer, const struct kannel_conf *conf, const char *smsc_id)
{
    char why[SETTING_WHY_SIZE];
    bool is_first = true;
    const struct setting *setting = setting_find(SECTION_carrier, "tlvs");
    for (size_t i = 0; i < conf->count; i++) {
        const struct kannel_group *tlv = &conf->at[i];
        if (strcmp(tlv->kind, "smpp-tlv") != 0 || !list_has(value_of(tlv, "smsc-id"), smsc_id))
            continue;
        char *line = tlv_line(tlv);
        struct config_carrier scratch = {.name = NULL};
        if (setting_put(setting, line, &scratch, why)) {
            setting_wipe(setting, &scratch);
            fprintf(writer->out, "%s\"%s\"", is_first ? "    tlvs = { " : ",\n             ", line);
            is_first = false;
        }
        free(line);
    }
    if (!is_first)
        fputs(" }\n", writer->out);
}

/* ---- all of it ---- */

static void write_needed(struct kannel_writer *writer, const struct kannel_group *group, const char *name, const char *key)
{
    const char *value = kannel_setting_take(group, name);
    if (value != NULL && value[0] != '\0')
        kannel_write_key(writer, group, key, value, line_of(group, name));
    else
        kannel_write_comment(writer, "    ", "%s: it is needed, and %s is missing in the group of %s", key, name,
                             kannel_place(writer, group, group->line));
}

void kannel_carrier_write(struct kannel_writer *writer, const struct kannel_conf *conf, const struct kannel_group *group)
{
    char *name = name_of(writer, group);
    const char *smsc_id = value_of(group, "smsc-id");
    kannel_names_add(&writer->carriers, name);
    kannel_write_comment(writer, "", "smsc%s%.60s of %s", smsc_id == NULL ? "" : " ", smsc_id == NULL ? "" : smsc_id,
                         kannel_place(writer, group, group->line));
    kannel_write_head(writer, SECTION_carrier, name);
    write_needed(writer, group, "host", "host");
    write_bind(writer, group);
    write_needed(writer, group, "smsc-username", "system_id");
    kannel_write_secret(writer, group, "password", name, "smsc-password");
    if (kannel_setting_find(group, "max-pending-submits") == NULL)
        kannel_write_key(writer, group, "window", WINDOW, group->line);
    write_tls(writer, group);
    write_sources(writer, group);
    write_id_type(writer, group);
    write_alphabet(writer, group);
    write_validity(writer, group);
    write_tlvs(writer, conf, smsc_id == NULL ? "" : smsc_id);
    kannel_setting_take(group, "smsc");
    kannel_write_rest(writer, group);
    kannel_write_foot(writer);
    free(name);
}
