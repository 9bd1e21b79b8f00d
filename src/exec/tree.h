/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine's own files: a folder that its programs have for a root (`root = DIR`). */
#ifndef EXEC_TREE_H
#define EXEC_TREE_H

#include <stdbool.h>

/* In a mount namespace of its own, whose mounts are read-only: from now on the root is what lies in the folder
 * (an open descriptor), with places for devices, processes and what is written, which may lack there.  False
 * and errno. */
bool tree_enter(int folder);
/* No more is changed in the root itself. */
bool tree_seal(void);

/* The path of the program that `name` means, on the path `folders` (A:B:...) if it has no slash, by way of
 * the root (NULL: this machine's) and the folder it starts in.  NULL: there is none that can be executed. */
char *tree_program(const char *root, const char *start, const char *folders, const char *name);

#endif
