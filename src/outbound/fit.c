#include "outbound/fit.h"

#include "base/must.h"
#include "consent/program.h"
#include "smpp/cargo.h"

_Static_assert(MESSAGE_STYLE_PAYLOAD == PARTS_PAYLOAD, "the store keeps the style of smpp/parts.h");

static uint16_t languages_of(const struct config_list *words)
{
    unsigned languages = 0;
    for (size_t i = 0; i < words->count; i++)
        languages |= 1u << gsm7_language_find(words->at[i]);
    return (uint16_t)languages;
}

/* Tables need a header and the default data_coding; packed septets are packed whatever says that they are septets. */
static void heed_cargo(struct writing_rules *rules, const struct cargo *cargo)
{
    bool has_header = cargo->header.length > 0;
    if (!has_header && !cargo->has_coding)
        return;
    rules->languages = 0;
    if (has_header)
        rules->style = PARTS_UDH;
    if (rules->zero != TEXT_ZERO_PACKED)
        rules->zero = TEXT_ZERO_GSM7;
}

struct writing_rules fit_rules(const struct program *program, const struct carrier *carrier,
                               const struct cargo *cargo)
{
    struct writing_rules rules = {.languages = languages_of(&program->config->national_tables),
                                  .substitutes = program->config->substitute};
    if (carrier != NULL) {
        rules.zero = carrier_zero(carrier);
        rules.style = carrier_style(carrier);
    }
    if (cargo != NULL)
        heed_cargo(&rules, cargo);
    return rules;
}

void fit_take(struct message *message, const struct writing *writing)
{
    message->alphabet = (int)writing->form.alphabet;
    message->locking = writing->form.tables.locking;
    message->single = writing->form.tables.single;
    message->style = (int)writing->style;
    message->parts = (int)writing->parts;
}

static struct text_form form_of(const struct message *message)
{
    return (struct text_form){.alphabet = (enum text_alphabet)message->alphabet,
                              .tables = {.locking = message->locking, .single = message->single}};
}

static bool has_style(const struct message *message, const struct carrier *carrier)
{
    enum parts_style style = carrier_style(carrier);
    if (part_mark_unpack(message->reference).total > 0)
        return message->style == (int)writing_part_style(style);
    return message->parts == 1 || message->style == (int)style;
}

static bool has_form(const struct message *message, const struct writing_rules *rules,
                     struct region *region)
{
    bool has_tables = message->locking != 0 || message->single != 0;
    if (has_tables && !writing_takes_tables(rules))
        return false;
    return text_zero_is_gsm7(rules->zero) || message->alphabet != TEXT_GSM7 ||
           writing_fits(octets_text(message->text), form_of(message), rules->zero, region);
}

/* What was substituted when it was accepted is substituted. */
static bool write_anew(struct message *message, struct writing_rules rules, struct region *region)
{
    struct writing writing;
    struct part_mark mark = part_mark_unpack(message->reference);
    enum writing_want want = message->alphabet == TEXT_UCS2 ? WRITING_UCS2 : WRITING_AUTO;
    rules.substitutes = false;
    if (writing_choose(octets_text(message->text), want, &rules, mark, form_of(message).tables, region,
                       &writing) != WRITING_OK ||
        writing.parts > PARTS_LIMIT || (mark.total > 0 && writing.parts > 1))
        return false;
    fit_take(message, &writing);
    message->first_try = (unsigned)(message->tries + 1) & 15;
    return true;
}

/* Octets are octets, and a header of its own goes one way only. But septets under data_coding 0 would be read as something else
 * by who means another alphabet by it. */
static bool says_septets(const struct message *message, const struct cargo *cargo)
{
    return message->alphabet == TEXT_GSM7 && (!cargo->has_coding || cargo->data_coding == 0);
}

enum fit fit_make(struct message *message, bool is_begun, const struct program *program,
                  const struct carrier *carrier, struct region *region)
{
    struct cargo cargo;
    must(cargo_read(message->cargo, region, &cargo));
    if (cargo.has_data || cargo.header.length > 0)
        return says_septets(message, &cargo) && !text_zero_is_gsm7(carrier_zero(carrier)) ? FIT_NOT : FIT_AS_IS;
    struct writing_rules rules = fit_rules(program, carrier, &cargo);
    bool is_its_own = is_begun && strcmp(message->carrier, carrier_name(carrier)) == 0;
    if ((is_its_own || has_style(message, carrier)) && has_form(message, &rules, region))
        return FIT_AS_IS;
    if (!write_anew(message, rules, region))
        return FIT_NOT;
    return is_begun ? FIT_ANEW : FIT_CHANGED;
}
