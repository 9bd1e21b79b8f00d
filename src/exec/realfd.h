/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's descriptors: simulated files, and real ones that block in simulated time. */
#ifndef EXEC_REALFD_H
#define EXEC_REALFD_H

#include <sys/stat.h>

#include "exec/attr.h"
#include "exec/internal.h"

/* The file behind a descriptor of the program's, simulated or real; NULL: there is none. */
struct file *file_at(struct thread *t, int fd);
bool file_is_real(const struct file *file);
/* Whether it is a real socket. */
bool real_is_socket(const struct file *file);
/* Whether a call that reads (O_RDONLY) or writes (O_WRONLY) cannot block. */
bool real_never_blocks(const struct file *file, int mode);
/* Owner and dates of a regular file or a folder of the machine's own; NULL: it is something else. */
struct attr *real_attr(const struct file *file);
/* Whether it is a file of which the real kernel would say something else than the machine is to see. */
bool real_is_foreign(const struct file *file);
/* Whether it can be waited for at all: no regular file. */
bool real_can_wait(const struct file *file);
/* Waits in simulated time until the real file is ready for `events`: 0, -EINTR. */
int real_wait(struct thread *t, struct file *file, short events);
/* Writes without blocking, waiting in between. */
int64_t real_write(struct thread *t, struct file *file, const struct iovec *iov, uint64_t n,
                   size_t len);
/* The same of bytes that are here. */
int64_t real_write_bytes(struct thread *t, struct file *file, const char *bytes, size_t len);
/* Whether anybody waits for what real_look() finds out, or may. */
bool real_is_looked_for(const struct exec *exec);
/* Something was done for real: who waits for real files may be woken. */
void real_look(struct exec *exec);
/* Of exec->pace: looks whether anything has come from outside. */
void real_pace(void *exec);
/* The pseudo-terminal whose master it is; NULL: something else. */
struct terminal *real_terminal(const struct file *file);
/* A call used it: its state is not known any more. */
void real_used(struct file *file);
/* Real files are looked up anew: after exec. */
void real_forget_all(struct thread *t);
/* Whether it is the file of that state. */
bool real_is(const struct file *file, const struct stat *st);
/* The duplicate that is kept with a real file; -1: a regular one. */
int real_own(const struct file *file);
/* The simulator's own duplicate of the program's descriptor; -1: none. */
int real_dup(const struct thread *t, int fd);
/* Simulated files: of random bytes; of a text, which it frees. */
struct file *random_file(struct thread *t);
struct file *text_file(struct thread *t, char *text);

#endif
