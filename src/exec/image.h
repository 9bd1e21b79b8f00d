/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program's image needs before it runs. */
#ifndef EXEC_IMAGE_H
#define EXEC_IMAGE_H

#include "exec/internal.h"

/* Whether the process's image was made ready; makes it ready. */
bool image_is_ready(const struct thread *t);
void image_make_ready(const struct thread *t);

#endif
