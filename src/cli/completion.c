#include "cli/completion.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"

#define OPTIONS_LIMIT 64
#define NAME_SIZE     32
#define OFFERS_LIMIT  128

struct option {
    char name[NAME_SIZE];
    struct octets value; /* "FILE", "yes|no"; empty: it takes none */
    struct octets about;
};

struct completion {
    FILE *out;
    const char *typed; /* what the word under the cursor begins with */
    const char *help;
    struct option options[OPTIONS_LIMIT];
    size_t option_count;
    bool is_code; /* while a text is scanned: between `…` other commands speak */
    struct octets offered[OFFERS_LIMIT];
    size_t offered_count;
};

/* ---- offers ---- */

static void offer(struct completion *completion, struct octets word, struct octets about)
{
    size_t length = strlen(completion->typed);
    if (word.length < length || memcmp(word.at, completion->typed, length) != 0)
        return;
    for (size_t i = 0; i < completion->offered_count; i++)
        if (octets_equal(completion->offered[i], word))
            return;
    if (completion->offered_count == OFFERS_LIMIT)
        return;
    completion->offered[completion->offered_count++] = word;
    fprintf(completion->out, "%.*s\t%.*s\n", (int)word.length, (const char *)word.at,
            (int)about.length, (const char *)about.at);
}

static void offer_commands(struct completion *completion)
{
    for (size_t i = 0; i < command_count; i++)
        offer(completion, octets_text(commands[i].name), octets_text(commands[i].summary));
}

/* "show    where a number stands": what the help says of a word. */
static struct octets about_of(const struct completion *completion, struct octets word)
{
    struct help_reader reader;
    struct help_line line;
    help_begin(&reader, completion->help);
    while (help_next(&reader, &line))
        if (line.part == HELP_ITEM && octets_equal(line.label, word))
            return line.text;
    return octets_text("");
}

/* What is written in capitals stands for something, anything else for itself. */
static bool is_literal(struct octets word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.at[i] >= 'a' && word.at[i] <= 'z')
            return true;
    return false;
}

static bool is_word(struct octets word, const char *text)
{
    return octets_equal(word, octets_text(text));
}

/* The next of "list|why"; false: there is none. */
static bool next_choice(struct octets *choices, struct octets *choice)
{
    size_t length = 0;
    if (choices->length == 0)
        return false;
    while (length < choices->length && choices->at[length] != '|')
        length++;
    *choice = octets_of(choices->at, length);
    length += length < choices->length ? 1 : 0;
    *choices = octets_of(choices->at + length, choices->length - length);
    return true;
}

static void offer_choices(struct completion *completion, struct octets choices)
{
    struct octets choice;
    while (next_choice(&choices, &choice)) {
        if (is_word(choice, "FILE") || is_word(choice, "EXPORT"))
            fputs(":files\n", completion->out);
        else if (is_word(choice, "COMMAND"))
            offer_commands(completion);
        else if (is_literal(choice))
            offer(completion, choice, about_of(completion, choice));
    }
}

/* ---- options, as the help text names them ---- */

static struct octets without_brackets(struct octets word)
{
    while (word.length > 0 && strchr("[(", word.at[0]) != NULL)
        word = octets_of(word.at + 1, word.length - 1);
    while (word.length > 0 && strchr("]),.;:", word.at[word.length - 1]) != NULL)
        word.length--;
    return word;
}

/* "--csv" of "[--csv"; length 0: the word is no option. What closes behind it says that no value follows. */
static struct octets option_name(struct octets word, bool *is_closed)
{
    struct octets name = without_brackets(word);
    bool is_long = name.length > 2 && memcmp(name.at, "--", 2) == 0;
    bool is_short = name.length == 2 && name.at[0] == '-' && name.at[1] != '-';
    *is_closed = word.at + word.length > name.at + name.length;
    return is_long || is_short ? name : octets_text("");
}

static bool is_value(struct octets word, bool is_sentence)
{
    if (word.length == 0 || strchr("-[(|<", word.at[0]) != NULL)
        return false;
    return !is_sentence || (word.at[0] >= 'A' && word.at[0] <= 'Z');
}

static struct option *option_find(struct completion *completion, struct octets name)
{
    for (size_t i = 0; i < completion->option_count; i++)
        if (is_word(name, completion->options[i].name))
            return &completion->options[i];
    return NULL;
}

static void option_put(struct completion *completion, struct octets name, struct octets value,
                       struct octets about)
{
    struct option *option = option_find(completion, name);
    if (option == NULL && (completion->option_count == OPTIONS_LIMIT || name.length >= NAME_SIZE))
        return;
    if (option == NULL) {
        option = &completion->options[completion->option_count++];
        octets_copy_text(name, option->name, NAME_SIZE);
    }
    if (option->value.length == 0)
        option->value = without_brackets(value);
    if (option->about.length == 0)
        option->about = about;
}

static bool enters_or_leaves_code(struct completion *completion, struct octets word)
{
    bool was_code = completion->is_code;
    for (size_t i = 0; i < word.length; i++)
        if (word.at[i] == '`')
            completion->is_code = !completion->is_code;
    return was_code || word.at[0] == '`';
}

static void scan(struct completion *completion, struct octets text, struct octets about,
                 bool is_sentence)
{
    struct octets word, next, rest;
    bool is_closed;
    while (help_word(&text, &word)) {
        struct octets name = option_name(word, &is_closed);
        if (enters_or_leaves_code(completion, word) || name.length == 0)
            continue;
        rest = text;
        bool has_value = !is_closed && help_word(&rest, &next) && is_value(next, is_sentence);
        option_put(completion, name, has_value ? next : octets_text(""), about);
    }
}

static void read_options(struct completion *completion)
{
    struct help_reader reader;
    struct help_line line;
    help_begin(&reader, completion->help);
    while (help_next(&reader, &line) && line.part != HELP_EXAMPLE) {
        scan(completion, line.label, line.text, false);
        scan(completion, line.text, octets_text(""), line.part != HELP_USAGE);
    }
}

static void offer_options(struct completion *completion)
{
    for (size_t i = 0; i < completion->option_count; i++)
        offer(completion, octets_text(completion->options[i].name), completion->options[i].about);
    offer(completion, octets_text("--help"), octets_text("says how it is used"));
}

/* ---- words in their order, as the lines of usage have them ---- */

/* The next word of a line of usage that isn't an option nor its value. */
static bool next_place(struct octets *usage, struct octets *place)
{
    struct octets word, rest, next;
    bool is_closed;
    while (help_word(usage, &word)) {
        bool is_option = option_name(word, &is_closed).length > 0;
        rest = *usage;
        bool has_value = is_option && !is_closed && help_word(&rest, &next) && is_value(next, false);
        if (has_value || is_word(word, "<"))
            help_word(usage, &next);
        else if (!is_option && !is_word(word, "|")) {
            *place = without_brackets(word);
            return true;
        }
    }
    return false;
}

static bool fits(struct octets choices, const char *given)
{
    struct octets choice;
    while (next_choice(&choices, &choice))
        if (!is_literal(choice) || is_word(choice, given))
            return true;
    return false;
}

/* `given` are the words before the one that is typed, from the command's name on. */
static void offer_places(struct completion *completion, struct octets usage, int count,
                         char *const *given)
{
    struct octets place;
    next_place(&usage, &place); /* "assent" */
    for (int i = 0; i < count; i++)
        if (!next_place(&usage, &place) || !fits(place, given[i]))
            return;
    if (next_place(&usage, &place))
        offer_choices(completion, place);
}

static void offer_words(struct completion *completion, int count, char *const *given)
{
    struct help_reader reader;
    struct help_line line;
    help_begin(&reader, completion->help);
    while (help_next(&reader, &line) && line.part == HELP_USAGE)
        offer_places(completion, line.text, count, given);
}

/* ---- the words that are typed ---- */

/* The option whose value the last word is; takes options and their values out of the others. NULL: none. */
static const struct option *take_options(struct completion *completion, int *count, char **words)
{
    int kept = 0, last = *count - 1;
    const struct option *option = NULL;
    for (int i = 0; i < last; i++) {
        bool is_equals = strcmp(words[i], "=") == 0;
        if (option != NULL && !is_equals) {
            option = NULL; /* this was its value */
            continue;
        }
        if (words[i][0] == '-' && strchr(words[i], '=') == NULL) {
            option = option_find(completion, octets_text(words[i]));
            if (option != NULL && option->value.length == 0)
                option = NULL;
        } else if (words[i][0] != '-' && !is_equals) {
            words[kept++] = words[i];
        }
    }
    *count = kept;
    return option;
}

static void complete_arguments(struct completion *completion, int count, char **words)
{
    completion->typed = words[count - 1];
    if (strcmp(completion->typed, "=") == 0)
        completion->typed = "";
    read_options(completion);
    const struct option *option = take_options(completion, &count, words);
    if (option != NULL)
        offer_choices(completion, option->value);
    else if (completion->typed[0] == '-')
        offer_options(completion);
    else
        offer_words(completion, count, words);
}

void completion_print(FILE *out, int count, char **words)
{
    struct completion completion = {.out = out, .typed = count > 0 ? words[0] : ""};
    if (count <= 1) {
        offer_commands(&completion);
        offer(&completion, octets_text("--help"), octets_text("lists the commands"));
        offer(&completion, octets_text("--version"), octets_text("says which version it is"));
        return;
    }
    const struct command *command = command_find(words[0]);
    if (command == NULL)
        return;
    completion.help = command->help;
    complete_arguments(&completion, count, words);
}

/* ---- the scripts ---- */

/* bash parts words at ':' and '='; the former are joined again, the latter the program knows. */
static const char bash_script[] =
    "# Completion of assent for bash: the program itself says what fits.\n"
    "_assent()\n"
    "{\n"
    "    local word words=() i\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ ${#words[@]} -gt 0 && ($word == :* || ${words[-1]} == *:) ]]; then\n"
    "            words[-1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r word _; do\n"
    "        if [[ $word == :files ]]; then\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            word=${COMP_WORDS[COMP_CWORD]}\n"
    "            mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"${word#=}\")\n"
    "        else\n"
    "            COMPREPLY+=(\"$word\")\n"
    "        fi\n"
    "    done < <(\"${COMP_WORDS[0]/#~\\//$HOME/}\" help --complete -- \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _assent assent\n";

static const char zsh_script[] =
    "#compdef assent\n"
    "# Completion of assent for zsh: the program itself says what fits.\n"
    "local line program=${(Q)words[1]}\n"
    "local -a before offered\n"
    "before=(\"${(@)words[2,CURRENT-1]}\")\n"
    "if [[ $PREFIX == --*=* ]]; then\n"
    "    before+=(\"${PREFIX%%=*}\" =)\n"
    "    compset -P '*='\n"
    "fi\n"
    "while IFS= read -r line; do\n"
    "    if [[ $line == :files ]]; then\n"
    "        _files\n"
    "    else\n"
    "        offered+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "    fi\n"
    "done < <(${~program} help --complete -- \"${before[@]}\" \"$PREFIX\" 2>/dev/null)\n"
    "(( $#offered )) && _describe -V -t words assent offered\n";

const char *completion_script(const char *shell)
{
    return strcmp(shell, "bash") == 0  ? bash_script
           : strcmp(shell, "zsh") == 0 ? zsh_script
                                       : NULL;
}
