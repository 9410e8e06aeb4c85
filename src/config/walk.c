#include "config/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/problem.h"

struct walk {
    char *at;
    int line;
    int depth; /* of braces; the outermost one that is open stands in `open_line` */
    int open_line;
    const char *file;
    struct config_problems *problems;
};

#define complain(walk, line, ...)                                                                  \
    problem_add((walk)->problems, (walk)->file, line, false, __VA_ARGS__)

/* Up to `end` or the end of the text. */
static void walk_blank(struct walk *walk, const char *end)
{
    for (; *walk->at != '\0' && strncmp(walk->at, end, strlen(end)) != 0; walk->at++) {
        if (*walk->at == '\n')
            walk->line++;
        else
            *walk->at = ' ';
    }
}

/* The walks over comments and strings are false where there is no end. */
static bool walk_comment(struct walk *walk)
{
    int begin = walk->line;
    bool is_block = walk->at[0] == '/' && walk->at[1] == '*';
    if (!is_block) {
        walk_blank(walk, "\n");
        return true;
    }
    memset(walk->at, ' ', 2);
    walk_blank(walk, "*/");
    if (*walk->at == '\0') {
        complain(walk, begin, "this comment never ends");
        return false;
    }
    memset(walk->at, ' ', 2);
    walk->at += 2;
    return true;
}

/* At "${". libconfuse knows ${NAME} and ${NAME:-instead}, the latter for a NAME that is not set. */
static void walk_variable(struct walk *walk)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    char *name = walk->at + 2;
    size_t length = strspn(name, letters);
    size_t whole = strcspn(name, "}\"\n");
    walk->at = name + whole + (name[whole] == '}');
    bool has_instead = strncmp(name + length, ":-", 2) == 0;
    if (length == 0 || name[whole] != '}' || (length != whole && !has_instead)) {
        complain(walk, walk->line, "a ${ begins no ${NAME} of the environment; in text write \\${");
        return;
    }
    char *copy = mem_new(length + 1);
    memcpy(copy, name, length);
    const char *value = getenv(copy);
    bool is_empty = value != NULL && value[0] == '\0';
    if (value == NULL && has_instead)
        is_empty = length + 2 == whole;
    if (is_empty)
        complain(walk, walk->line, "${%s} is empty", copy);
    else if (value == NULL && !has_instead)
        complain(walk, walk->line, "${%s} is not set in the environment", copy);
    free(copy);
}

static bool walk_string(struct walk *walk)
{
    int begin = walk->line;
    char quote = *walk->at++;
    while (*walk->at != quote) {
        if (*walk->at == '\0') {
            complain(walk, begin, "the string that begins here never ends");
            return false;
        }
        if (quote == '"' && strncmp(walk->at, "${", 2) == 0) {
            walk_variable(walk);
            continue;
        }
        walk->at += walk->at[0] == '\\' && walk->at[1] != '\0' && walk->at[1] != '\n';
        walk->line += *walk->at == '\n';
        walk->at++;
    }
    walk->at++;
    return true;
}

static void walk_brace(struct walk *walk)
{
    if (*walk->at == '{' && walk->depth++ == 0)
        walk->open_line = walk->line;
    else if (*walk->at == '}' && walk->depth > 0)
        walk->depth--;
}

/* A word, which may hold what begins a comment elsewhere (https://example.com), or the one
 * character that is none. */
static void walk_word(struct walk *walk)
{
    size_t length = strcspn(walk->at, " \t\n\r#\"'={}()+,*");
    if (length == 0) {
        walk_brace(walk);
        if (strncmp(walk->at, "+=", 2) == 0)
            complain(walk, walk->line, "+= is not taken: write the whole list");
        walk->line += *walk->at == '\n';
        length = 1;
    }
    walk->at += length;
}

bool walk_text(char *text, const char *file, struct config_problems *problems)
{
    struct walk walk = {.at = text, .line = 1, .file = file, .problems = problems};
    bool is_sound = true;
    while (*walk.at != '\0' && is_sound) {
        if (*walk.at == '#' || strncmp(walk.at, "//", 2) == 0 || strncmp(walk.at, "/*", 2) == 0)
            is_sound = walk_comment(&walk);
        else if (*walk.at == '"' || *walk.at == '\'')
            is_sound = walk_string(&walk);
        else if (strncmp(walk.at, "${", 2) == 0)
            walk_variable(&walk);
        else
            walk_word(&walk);
    }
    if (is_sound && walk.depth > 0) /* to libconfuse the end of a file closes everything */
        complain(&walk, walk.open_line, "the brace that opens here is never closed");
    return is_sound;
}
