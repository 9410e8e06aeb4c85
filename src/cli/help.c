#include "cli/help.h"

#include <string.h>

#define FURTHER 8 /* blanks before another line of an item's text */
#define USAGE   7 /* as long as "usage: " */

void help_begin(struct help_reader *reader, const char *text)
{
    *reader = (struct help_reader){.at = text};
}

static size_t indentation(const char *line)
{
    return strspn(line, " ");
}

/* Where the label of a line ends: at two blanks, or with the line. */
static size_t label_length(const char *line, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++)
        if (line[i] == ' ' && line[i + 1] == ' ')
            return i;
    return length;
}

/* "show    where a number stands": no sentence has such a gap. */
static bool is_item(const char *line, size_t length, size_t indent)
{
    bool is_word = line[0] >= 'a' && line[0] <= 'z';
    return indent == 2 || (indent == 0 && is_word && label_length(line, length) < length);
}

static void read_body(struct help_line *line, const char *at, size_t length)
{
    size_t indent = indentation(at), label;
    if (length == 0) {
        line->part = HELP_BLANK;
    } else if (indent >= FURTHER) {
        line->part = HELP_MORE;
        line->text = octets_of(at + indent, length - indent);
    } else if (is_item(at, length, indent)) {
        at += indent;
        length -= indent;
        label = label_length(at, length);
        line->part = HELP_ITEM;
        line->label = octets_of(at, label);
        label += label < length ? indentation(at + label) : 0;
        line->text = octets_of(at + label, length - label);
    } else {
        line->part = HELP_TEXT;
        line->text = octets_of(at, length);
    }
}

static bool is_examples(const char *at, size_t length)
{
    return (length == 8 && strncmp(at, "Example:", 8) == 0) ||
           (length == 9 && strncmp(at, "Examples:", 9) == 0);
}

bool help_next(struct help_reader *reader, struct help_line *line)
{
    *line = (struct help_line){0};
    if (*reader->at == '\0')
        return false;
    const char *at = reader->at;
    size_t length = strcspn(at, "\n");
    reader->at += length + (at[length] == '\0' ? 0 : 1);
    if (!reader->is_in_examples && is_examples(at, length)) {
        reader->is_in_examples = true;
        return help_next(reader, line);
    }
    if (reader->is_in_examples) {
        size_t indent = indentation(at) < 2 ? indentation(at) : 2;
        line->part = HELP_EXAMPLE;
        line->text = octets_of(at + indent, length - indent);
        return true;
    }
    if (!reader->is_past_usage && length > USAGE) {
        line->part = HELP_USAGE;
        line->text = octets_of(at + USAGE, length - USAGE);
        return true;
    }
    reader->is_past_usage = true;
    read_body(line, at, length);
    return true;
}

bool help_word(struct octets *line, struct octets *word)
{
    const char *at = (const char *)line->at;
    size_t begin = 0, end;
    while (begin < line->length && at[begin] == ' ')
        begin++;
    for (end = begin; end < line->length && at[end] != ' ';)
        end++;
    *word = octets_of(at + begin, end - begin);
    *line = octets_of(at + end, line->length - end);
    return end > begin;
}
