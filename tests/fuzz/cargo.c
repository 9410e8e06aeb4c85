/* What a message carries that is no text: a line of it as a row may hold it, base64, a line and a value of a carrier's
 * TLVs, a WAP push. What is read can be written, and reads the same again. */
#include "base/base64.h"
#include "base/region.h"
#include "config/tlv.h"
#include "smpp/cargo.h"
#include "smpp/wap_push.h"
#include "tests/fuzz/fuzz.h"

static void read_line(const char *line, struct region *region)
{
    struct cargo cargo, again;
    if (!cargo_read(line, region, &cargo) || cargo.tlv_count > CARGO_TLVS_MOST)
        return;
    const char *written = cargo_write(&cargo, region);
    must(cargo_read(written, region, &again));
    must(again.tlv_count == cargo.tlv_count && octets_equal(again.header, cargo.header));
    must(octets_equal(again.data, cargo.data) || written[0] == '\0');
    must(cargo_class(&again) == cargo_class(&cargo));
}

static void read_base64(struct octets text, struct region *region)
{
    size_t length;
    uint8_t *octets = region_get(region, text.length + 1);
    char *again = region_get(region, text.length + 4);
    if (!base64_read(text, octets, &length))
        return;
    base64_write(octets_of(octets, length), again);
    must(octets_equal(octets_text(again), text));
}

/* Written, read and written again it is the same; so are octets of a peer's, read and written. */
static void read_value(const struct tlv_rule *rule, const char *value, struct octets raw)
{
    uint8_t octets[TLV_VALUE_MOST + 1], again[TLV_VALUE_MOST + 1];
    char text[TLV_TEXT_SIZE], why[TLV_WHY_SIZE];
    size_t length, again_length;
    if (tlv_value_write(rule, value, octets, &length, why)) {
        must(length <= sizeof octets && tlv_value_read(rule, octets_of(octets, length), text));
        must(tlv_value_write(rule, text, again, &again_length, why));
        must(octets_equal(octets_of(octets, length), octets_of(again, again_length)));
    }
    if (tlv_value_read(rule, raw, text))
        must(tlv_value_write(rule, text, octets, &length, why));
}

static void read_rule(const char *line, const char *value, struct octets raw)
{
    struct tlv_rule rule;
    struct tlv_setting setting;
    char why[TLV_WHY_SIZE];
    must(!tlv_setting_read(line, &setting) || strlen(setting.value) < strlen(line));
    if (tlv_rule_read(line, &rule, why))
        read_value(&rule, value, raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct region *region = region_new();
    struct octets raw = octets_of(at, length), first = fuzz_line(&raw);
    const char *line = region_text(region, first), *rest = region_text(region, raw);
    read_line(line, region);
    read_base64(first, region);
    read_rule(line, rest, raw);
    if (wap_push_fault(line, rest) == NULL)
        must(wap_push_body(line, rest, region).length > 0);
    region_free(region);
    return 0;
}
