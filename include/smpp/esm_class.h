/* esm_class: the bits of the field (3.4 5.2.12). */
#ifndef SMPP_ESM_CLASS_H
#define SMPP_ESM_CLASS_H

#define ESM_MODE              0x03
#define ESM_MODE_TRANSACTION  0x02 /* F357 */
#define ESM_TYPE              0x3C
#define ESM_TYPE_RECEIPT      0x04 /* F310 */
#define ESM_TYPE_INTERMEDIATE 0x20
#define ESM_UDHI              0x40 /* the user data begins with a header (F270) */

#endif
