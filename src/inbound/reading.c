#include "inbound/reading.h"

#include "base/region.h"
#include "consent/keyword.h"
#include "smpp/esm_class.h"
#include "smpp/parts.h"

static bool is_stop(struct octets words)
{
    return keyword_classify(words).verdict == KEYWORD_OPT_OUT;
}

/* What else the octets may be, where it is not sure: packed septets and plain ones taken for each other (F216), and
 * UTF-16 that is said to be 8 bit data. */
static void find_stop(const struct text_source *source, struct region *region, struct reading *out)
{
    bool is_gsm7 = text_alphabet_of(source->data_coding) == TEXT_GSM7;
    bool is_doubtful = is_gsm7 && (source->zero != TEXT_ZERO_GSM7 ||
                                   (out->oddities & TEXT_HIGH_OCTET) != 0);
    const struct text_source others[] = {{.data_coding = 0x08},
                                         {.zero = TEXT_ZERO_GSM7},
                                         {.zero = TEXT_ZERO_PACKED,
                                          .header_length = source->header_length}};
    if ((!is_doubtful && (out->oddities & TEXT_IS_BINARY) == 0) || is_stop(out->words))
        return;
    for (size_t i = is_doubtful ? 1 : 0; i < sizeof others / sizeof *others; i++) {
        struct octets words = text_read(out->octets, &others[i], region, NULL);
        if (!is_stop(words))
            continue;
        out->words = words;
        return;
    }
}

void reading_make(const struct pdu *pdu, struct octets data, enum text_zero zero,
                  struct region *region, struct reading *out)
{
    struct udh udh = {0};
    struct octets text = data;
    if ((pdu->esm_class & ESM_UDHI) != 0)
        udh_read(data, &udh, &text);
    struct text_source source = {.data_coding = pdu->data_coding,
                                 .zero = zero,
                                 .tables = gsm7_tables_of(udh.locking_shift, udh.single_shift),
                                 .header_length = data.length - text.length};
    *out = (struct reading){.is_for_person = !udh.has_ports && !udh.is_binary, .octets = text};
    out->words = text_read(text, &source, region, &out->oddities);
    find_stop(&source, region, out);
}
