/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads of a static program: each connects to port 5000 of the host that is named, and sends a line; the
 * first waits for all.  A real program, compiled by the test (programs.sh) with another C library.
 */
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS 4

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int n_connected, n_ended;
static const struct addrinfo *to;

static void *talk(void *arg) {
	static const char line[] = "a thread's line\n";
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int good = fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) == 0 &&
	           write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	(void)arg;
	close(fd);
	pthread_mutex_lock(&lock);
	n_connected += good;
	n_ended++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv) {
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
	pthread_t threads[THREADS];

	if (argc != 2 || getaddrinfo(argv[1], "5000", &hints, &found) != 0)
		return 1;
	to = found;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, talk, NULL);
	pthread_mutex_lock(&lock);
	while (n_ended < THREADS)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	printf("connected %d\n", n_connected);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	puts("all joined");
	freeaddrinfo(found);
	return 0;
}
