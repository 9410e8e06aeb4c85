/* upload: a file of recipients on its way into a campaign, in pieces, in constant memory. A piece may be cut anywhere: the
 * gateway says up to which octet of the file all is on disk, and the next one begins there. So it goes on after a
 * connection that broke and a gateway that was started anew, and another day. */
#ifndef CLI_UPLOAD_H
#define CLI_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/client.h"

enum upload_end {
    UPLOAD_DONE,
    UPLOAD_REFUSED,    /* the file is none for this campaign */
    UPLOAD_BROKEN,     /* it may go on later */
    UPLOAD_INTERRUPTED /* ^C */
};

/* path: "-" is stdin, which can't be read again. offset: where the campaign is. `why`: unless it is done. */
enum upload_end upload_run(struct client *client, const char *id, const char *path, int64_t offset,
                           char why[CLIENT_ERROR_SIZE]);

#endif
