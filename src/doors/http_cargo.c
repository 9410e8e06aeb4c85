/* What a message says that is no plain text: octets, their header, a class, a WAP push, TLVs. */
#include <string.h>

#include "base/base64.h"
#include "base/must.h"
#include "base/region.h"
#include "http_parts.h"
#include "outbound/accept.h"
#include "smpp/wap_push.h"

static bool refuse(struct ask *ask, const char *sentence)
{
    answer_problem(ask, VERDICT_INVALID_FIELD, "%s", sentence);
    return false;
}

/* ---- which of them go together ---- */

static bool encoding_read(struct ask *ask, const char *word, enum offer_encoding *out)
{
    static const char *const words[] = {[OFFER_AUTO] = "auto",
                                        [OFFER_GSM7] = "gsm7",
                                        [OFFER_UCS2] = "ucs2",
                                        [OFFER_BINARY] = "binary"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0) {
            *out = (enum offer_encoding)i;
            return true;
        }
    return refuse(ask, "encoding: must be auto, gsm7, ucs2 or binary");
}

static bool is_one_kind(struct ask *ask, const struct kind *kind, enum offer_encoding encoding)
{
    bool is_text_word = encoding == OFFER_GSM7 || encoding == OFFER_UCS2;
    if (kind->wap_push != NULL && (kind->text != NULL || kind->data != NULL || kind->udh != NULL))
        return refuse(ask, "wap_push: it stands for itself, without text, data and udh");
    if (kind->wap_push != NULL && is_text_word)
        return refuse(ask, "encoding: a wap_push is binary");
    if (kind->wap_push != NULL)
        return true;
    if (kind->data != NULL && kind->text != NULL)
        return refuse(ask, "data: a message has a text or data, not both");
    if (kind->data != NULL && encoding != OFFER_BINARY)
        return refuse(ask, "encoding: must be binary where there is data");
    if (kind->data == NULL && encoding == OFFER_BINARY)
        return refuse(ask, "data: it is missing, and encoding is binary");
    if (kind->data == NULL && kind->udh != NULL)
        return refuse(ask, "udh: it goes with data");
    return kind->data != NULL || kind->text != NULL || refuse(ask, "text: it is missing");
}

/* ---- each by itself ---- */

static bool data_read(struct ask *ask, const struct kind *kind, struct cargo *cargo)
{
    struct octets text = octets_text(kind->data);
    uint8_t *octets = region_get(ask->region, text.length + 1);
    cargo->has_data = true;
    cargo->data.at = octets;
    if (base64_read(text, octets, &cargo->data.length))
        return true;
    answer_problem(ask, VERDICT_INVALID_DATA, "data: it is not base64 with its padding (RFC 4648 section 4)");
    return false;
}

static bool header_read(struct ask *ask, const struct kind *kind, struct cargo *cargo)
{
    struct octets text = octets_text(kind->udh);
    uint8_t *octets = region_get(ask->region, text.length + 1);
    cargo->header = octets_of(octets, text.length / 2);
    if (text.length > 0 && octets_from_hex(text, octets))
        return true;
    answer_problem(ask, VERDICT_INVALID_DATA, "udh: it is not hexadecimal, as in 06050415811581");
    return false;
}

static bool wap_push_read(struct ask *ask, const struct kind *kind, struct cargo *cargo)
{
    const char *url = json_string_value(json_object_get(kind->wap_push, "url"));
    const char *title = json_string_value(json_object_get(kind->wap_push, "title"));
    if (url == NULL || title == NULL || json_object_size(kind->wap_push) != 2)
        return refuse(ask, "wap_push: must be an object with url and title, both strings");
    const char *fault = wap_push_fault(url, title);
    if (fault != NULL) {
        answer_problem(ask, VERDICT_INVALID_DATA, "wap_push: %s", fault);
        return false;
    }
    *cargo = (struct cargo){.has_data = true,
                            .data = wap_push_body(url, title, ask->region),
                            .header = wap_push_header(),
                            .has_coding = true,
                            .data_coding = WAP_CODING,
                            .wap_url = url,
                            .wap_title = title};
    return true;
}

/* Values are strings, or whole numbers as they are written in JSON. */
static bool tlvs_read(struct ask *ask, const struct kind *kind, struct tlv_offer *out)
{
    const char *name;
    json_t *value;
    size_t count = json_object_size(kind->tlvs);
    struct cargo_tlv *named = region_get(ask->region, (count + 1) * sizeof *named);
    json_object_foreach((json_t *)(uintptr_t)kind->tlvs, name, value)
    {
        if (!json_is_string(value) && !json_is_integer(value)) {
            answer_problem(ask, VERDICT_INVALID_TLV, "tlvs: %.60s must be a string or a whole number", name);
            return false;
        }
        named[out->named_count++] = (struct cargo_tlv){
            name, json_is_string(value) ? json_string_value(value)
                                        : region_format(ask->region, "%lld",
                                                        (long long)json_integer_value(value))};
    }
    out->named = named;
    return true;
}

bool kind_read(struct ask *ask, const struct kind *kind, struct offer *offer)
{
    if (!encoding_read(ask, kind->encoding, &offer->encoding) ||
        !is_one_kind(ask, kind, offer->encoding) || !tlvs_read(ask, kind, &offer->tlvs))
        return false;
    offer->text = octets_text(kind->text);
    offer->has_class = kind->message_class >= 0;
    offer->message_class = (uint8_t)kind->message_class;
    if (kind->wap_push != NULL) {
        offer->encoding = OFFER_BINARY;
        return wap_push_read(ask, kind, &offer->cargo);
    }
    return (kind->data == NULL || data_read(ask, kind, &offer->cargo)) &&
           (kind->udh == NULL || header_read(ask, kind, &offer->cargo));
}

/* ---- as it was given ---- */

void cargo_show(struct ask *ask, const struct message *message, json_t *json)
{
    struct cargo cargo;
    if (message->cargo[0] == '\0' || !cargo_read(message->cargo, ask->region, &cargo))
        return;
    json_t *said = json_loads(message->cargo, 0, NULL);
    json_object_update_missing(json, said);
    json_decref(said);
    if (cargo_class(&cargo) >= 0)
        json_object_set_new(json, "class", json_integer(cargo_class(&cargo)));
    if (message->text[0] == '\0')
        json_object_set_new(json, "text", json_null());
}
