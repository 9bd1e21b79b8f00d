/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which simulated files are under way in messages? */
#ifndef EXEC_HANDED_H
#define EXEC_HANDED_H

#include "exec/internal.h"

/* A token for a simulated file: a descriptor that is to be sent, and closed; or -errno. */
int handed_token(struct exec *exec, struct file *file);
/* The file whose token has that inode number; NULL: it is no token. */
struct file *handed_file(const struct exec *exec, ino_t number);
/* What nobody can receive any more is let go; at the end, all. */
void handed_look(struct exec *exec);
void handed_end(struct exec *exec);

#endif
