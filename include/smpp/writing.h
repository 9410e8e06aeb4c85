/* writing: in which form a text goes: its alphabet, its tables, what holds its parts together, and how
 * many parts will be billed. The carrier's settings and the program's say what it may choose from.
 *
 * What is counted is GSM septets and UTF-16 units, whatever octets the carrier wants them in: that is what it bills
 * (F250). A text is GSM only if both GSM and the carrier's data_coding 0 have all of it. Pure. */
#ifndef SMPP_WRITING_H
#define SMPP_WRITING_H

#include "smpp/parts.h"
#include "smpp/text.h"

struct writing_rules {
    enum text_zero zero;
    enum parts_style style;
    uint16_t languages; /* a bit of each national table that may be used: 1 << id (F251) */
    bool substitutes;   /* proto/substitute.def */
};

/* A header with tables excludes SAR, a carrier that splits itself can't be trusted to repeat it in every part, and tables
 * are of the seven-bit alphabet alone. */
bool writing_takes_tables(const struct writing_rules *rules);

/* How a carrier of that style is told which part it is that a sender cut: by the TLVs, or by a header as its sender
 * wrote it. */
enum parts_style writing_part_style(enum parts_style style);

bool writing_allows(const struct writing_rules *rules, struct gsm7_tables tables);

enum writing_want { WRITING_AUTO, WRITING_GSM7, WRITING_UCS2 };
enum writing_fault { WRITING_OK, WRITING_NOT_UTF8, WRITING_NOT_GSM7 };

#define WRITING_REPLACED_SIZE 160

struct writing {
    struct text_form form;
    enum parts_style style; /* PARTS_UDH of what is alone and no part */
    unsigned parts;         /* above PARTS_MOST: more than there can be */
    struct octets text;     /* UTF-8: as given, or with substitutes; in the region */
    char replaced[WRITING_REPLACED_SIZE]; /* each character that has a substitute now; "" */
};

/* The fewest parts; of equals, the form that the most phones show: the default tables, then national ones, then
 * UCS-2. A mark (total 0: none) says that its sender cut the text: then its tables hold and no others. */
enum writing_fault writing_choose(struct octets utf8, enum writing_want want,
                                  const struct writing_rules *rules, struct part_mark mark,
                                  struct gsm7_tables sender_tables, struct region *region,
                                  struct writing *out);

/* Whether that carrier can be given it in this form. */
bool writing_fits(struct octets utf8, struct text_form form, enum text_zero zero,
                  struct region *region);

#endif
