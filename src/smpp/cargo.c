#include "smpp/cargo.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/must.h"
#include "base/region.h"

/* ---- writing ---- */

static void put(json_t *object, const char *key, json_t *value)
{
    must(value != NULL && json_object_set_new(object, key, value) == 0);
}

static json_t *base64_json(struct octets octets, struct region *region)
{
    char *text = region_get(region, BASE64_SIZE(octets.length));
    base64_write(octets, text);
    return json_string(text);
}

static json_t *hex_json(struct octets octets, struct region *region)
{
    char *text = region_get(region, 2 * octets.length + 1);
    octets_to_hex(octets, text);
    return json_string(text);
}

static json_t *tlvs_json(const struct cargo *cargo)
{
    json_t *object = json_object();
    for (size_t i = 0; i < cargo->tlv_count; i++)
        put(object, cargo->tlvs[i].name, json_string(cargo->tlvs[i].value));
    return object;
}

static void fill(const struct cargo *cargo, struct region *region, json_t *object)
{
    if (cargo->has_data)
        put(object, "data", base64_json(cargo->data, region));
    if (cargo->header.length > 0)
        put(object, "udh", hex_json(cargo->header, region));
    if (cargo->has_coding)
        put(object, "data_coding", json_integer(cargo->data_coding));
    if (cargo->tlv_count > 0)
        put(object, "tlvs", tlvs_json(cargo));
    if (cargo->wap_url != NULL)
        put(object, "wap_push",
            json_pack("{s:s,s:s}", "title", cargo->wap_title, "url", cargo->wap_url));
}

const char *cargo_write(const struct cargo *cargo, struct region *region)
{
    bool is_plain = !cargo->has_data && cargo->header.length == 0 && !cargo->has_coding &&
                    cargo->tlv_count == 0;
    if (is_plain)
        return "";
    json_t *object = json_object();
    fill(cargo, region, object);
    char *line = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    must(line != NULL);
    const char *text = region_text(region, octets_text(line));
    free(line);
    json_decref(object);
    return text;
}

/* ---- reading: what is left out is left as it is ---- */

static bool data_read(const json_t *json, struct region *region, struct cargo *out)
{
    struct octets text = octets_text(json_string_value(json));
    uint8_t *octets = region_get(region, text.length + 1);
    if (json == NULL)
        return true;
    out->has_data = true;
    out->data.at = octets;
    return json_is_string(json) && base64_read(text, octets, &out->data.length);
}

static bool header_read(const json_t *json, struct region *region, struct cargo *out)
{
    struct octets text = octets_text(json_string_value(json));
    uint8_t *octets = region_get(region, text.length + 1);
    out->header = octets_of(octets, text.length / 2);
    return json == NULL || (json_is_string(json) && octets_from_hex(text, octets));
}

static bool coding_read(const json_t *json, struct cargo *out)
{
    json_int_t value = json_integer_value(json);
    out->has_coding = json != NULL;
    out->data_coding = (uint8_t)value;
    return json == NULL || (json_is_integer(json) && value >= 0 && value <= 0xFF);
}

static bool tlvs_read(json_t *json, struct region *region, struct cargo *out)
{
    const char *name;
    json_t *value;
    size_t count = json_object_size(json);
    struct cargo_tlv *tlvs = region_get(region, (count + 1) * sizeof *tlvs);
    if (json != NULL && !json_is_object(json))
        return false;
    json_object_foreach(json, name, value)
    {
        if (!json_is_string(value))
            return false;
        tlvs[out->tlv_count++] = (struct cargo_tlv){
            region_text(region, octets_text(name)),
            region_text(region, octets_text(json_string_value(value)))};
    }
    out->tlvs = tlvs;
    return true;
}

static bool wap_read(const json_t *json, struct region *region, struct cargo *out)
{
    const char *url = json_string_value(json_object_get(json, "url"));
    const char *title = json_string_value(json_object_get(json, "title"));
    if (json == NULL)
        return true;
    out->wap_url = region_text(region, octets_text(url));
    out->wap_title = region_text(region, octets_text(title));
    return url != NULL && title != NULL;
}

bool cargo_read(const char *text, struct region *region, struct cargo *out)
{
    *out = (struct cargo){0};
    if (text == NULL || text[0] == '\0')
        return true;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool is_read = json_is_object(json) && data_read(json_object_get(json, "data"), region, out) &&
                   header_read(json_object_get(json, "udh"), region, out) &&
                   coding_read(json_object_get(json, "data_coding"), out) &&
                   tlvs_read(json_object_get(json, "tlvs"), region, out) &&
                   wap_read(json_object_get(json, "wap_push"), region, out);
    json_decref(json);
    return is_read;
}

int cargo_class(const struct cargo *cargo)
{
    bool is_general = (cargo->data_coding & 0x90) == 0x10; /* 00x1 and 01x1 */
    bool is_group = (cargo->data_coding & 0xF0) == 0xF0;
    return cargo->has_coding && (is_general || is_group) ? cargo->data_coding & 3 : -1;
}

const char *cargo_tlv_find(const struct cargo *cargo, const char *name)
{
    for (size_t i = 0; i < cargo->tlv_count; i++)
        if (strcmp(cargo->tlvs[i].name, name) == 0)
            return cargo->tlvs[i].value;
    return NULL;
}
