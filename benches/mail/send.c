/* Sends messages by SMTP over several connections at once, each a process of its own.
 *
 * send PORT FILE CONNECTIONS MAILS PER_CONNECTION [together]
 *
 * FILE: messages ready for DATA (CRLF, dots doubled, the final dot included), each after its length as four bytes in
 * this machine's order; they are sent in turn until MAILS are. PER_CONNECTION mails go through a connection, 0: all of
 * them. "together": nobody sends content before all connections have got so far.
 * Prints "SECONDS TAKEN REFUSED", then a line for each mail: milliseconds from before the connection (its first mail) or
 * MAIL (the others) to the last reply. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared {
    atomic_int next, taken, refused, ready;
    float milliseconds[];
};

struct message {
    const char *bytes;
    size_t length;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what) {
    perror(what);
    _exit(2);
}

/* The first digit of the server's reply. */
static int reply(int fd) {
    char text[4096];
    size_t have = 0;
    for (;;) {
        ssize_t got = read(fd, text + have, sizeof text - have);
        if (got <= 0)
            fail("no reply");
        have += got;
        if (text[have - 1] != '\n')
            continue;
        size_t line = have - 1;
        while (line > 0 && text[line - 1] != '\n')
            line--;
        if (have - line > 3 && text[line + 3] != '-')
            return text[line] - '0';
    }
}

static void put(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            fail("send");
        bytes += sent, length -= sent;
    }
}

static int say(int fd, const char *line) {
    put(fd, line, strlen(line));
    return reply(fd);
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (reply(fd) != 2 || say(fd, "HELO client.example\r\n") != 2)
        fail("no greeting");
    return fd;
}

int main(int argc, char **argv) {
    if (argc < 6)
        return 2;
    int port = atoi(argv[1]), connections = atoi(argv[3]), mails = atoi(argv[4]), each = atoi(argv[5]), together = argc > 6;
    struct stat status;
    int file = open(argv[2], O_RDONLY);
    if (file < 0 || fstat(file, &status) < 0)
        fail(argv[2]);
    const char *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, file, 0);
    struct message *messages = NULL;
    size_t count = 0;
    for (off_t at = 0; at < status.st_size; count++) {
        uint32_t length;
        memcpy(&length, bytes + at, 4);
        messages = realloc(messages, (count + 1) * sizeof *messages);
        messages[count] = (struct message){bytes + at + 4, length};
        at += 4 + length;
    }
    struct shared *shared = mmap(NULL, sizeof *shared + mails * sizeof(float), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double begin = now();
    for (int child = 0; child < connections; child++) {
        if (fork() != 0)
            continue;
        int fd = -1, sent = 0;
        for (int number; (number = atomic_fetch_add(&shared->next, 1)) < mails;) {
            double first = now();
            if (fd < 0)
                fd = connect_to(port);
            int ok = say(fd, "MAIL FROM:<someone@client.example>\r\n") == 2 &&
                     say(fd, "RCPT TO:<somebody@example.org>\r\n") == 2 && say(fd, "DATA\r\n") == 3;
            if (ok) {
                atomic_fetch_add(&shared->ready, 1);
                while (together && atomic_load(&shared->ready) < connections)
                    usleep(10000);
                put(fd, messages[number % count].bytes, messages[number % count].length);
                ok = reply(fd) == 2;
            }
            shared->milliseconds[number] = now() - first;
            atomic_fetch_add(ok ? &shared->taken : &shared->refused, 1);
            if (++sent == each) {
                say(fd, "QUIT\r\n");
                close(fd);
                fd = -1, sent = 0;
            }
        }
        if (fd >= 0)
            say(fd, "QUIT\r\n");
        _exit(0);
    }
    int code, failed = 0;
    while (wait(&code) > 0)
        failed |= code != 0;
    printf("%.4f %d %d\n", (now() - begin) / 1e3, shared->taken, shared->refused);
    for (int number = 0; number < mails; number++)
        printf("%.3f\n", shared->milliseconds[number]);
    return failed ? 2 : 0;
}
