/* completion: what a shell may offer for the word that somebody is typing. The scripts for the shells are small and
 * know no command: they ask the program itself (`assent help --complete -- WORD...`), which reads the help texts. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

/* The script for a shell; NULL: there is none for it. */
const char *completion_script(const char *shell);

/* `words` is what stands behind `assent`, up to the word under the cursor, which may be empty and may be half a
 * word. A '=' may be a word of its own, as bash parts them. A line an offer: the word, a tab, what it means; and
 * ":files" where a file's name fits. */
void completion_print(FILE *out, int count, char **words);

#endif
