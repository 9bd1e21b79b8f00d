/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario takes from this machine besides its text, or a text itself, as a few words that change when it
 * does. */
#ifndef LAB_DIGEST_H
#define LAB_DIGEST_H

#include <glib.h>

/* SHA-256, in hexadecimal digits, of what a file has, or of a folder's files with their names, those in
 * folders below it too; links to folders are not followed.  "none": there is no such thing, or it cannot be
 * read.  Of a folder no more than 10,000 files and 256 MiB are looked at.  It is worked out once in a process
 * for each path; the answer stays. */
const char *digest_of(const char *path);

/* SHA-256 of a text in base64, as a page's Content-Security-Policy names what it allows; to be freed. */
char *digest_base64(const char *text);

#endif
