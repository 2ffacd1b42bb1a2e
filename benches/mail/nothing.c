/* A milter that does nothing, straight on the protocol (version 6): what any milter must cost at least.
 * One process, poll(), no threads. Replies are switched off where the protocol allows it; DATA is answered, or every mail
 * over TCP would wait 40 ms for a delayed acknowledgement.
 *
 * nothing inet:PORT | unix:PATH    listens on loopback, or at a socket that everybody may connect to */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 1024, HEAD = 5 };

/* SMFIP_NR_CONN, NR_HELO, NR_HDR, NR_EOH, NR_BODY (Sendmail's libmilter/mfdef.h) */
static const uint32_t UNANSWERED = 0x1000 | 0x2000 | 0x80 | 0x40000 | 0x80000;

/* Of a connection: the packet's head as far as it has come, and how much of its payload is still to come. */
struct session {
    unsigned char head[HEAD + 12];
    size_t have, skip;
};

static struct pollfd polled[MOST];
static struct session sessions[MOST];
static nfds_t count = 1;

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static int reply(int fd, const void *packet, size_t length) {
    return send(fd, packet, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* Answers a command whose head (and, for the negotiation, payload) has come. False: the session is over. */
static int answer(int fd, const struct session *session) {
    static const unsigned char go_on[] = {0, 0, 0, 1, 'c'};
    switch (session->head[4]) {
    case 'O': {
        uint32_t offered, number;
        unsigned char packet[17] = {0, 0, 0, 13, 'O'};
        memcpy(&offered, session->head + HEAD + 8, 4);
        number = htonl(6);
        memcpy(packet + 5, &number, 4);
        number = htonl(UNANSWERED & ntohl(offered));
        memcpy(packet + 13, &number, 4);
        return reply(fd, packet, sizeof packet);
    }
    case 'M': case 'R': case 'T': case 'E': case 'U':
        return reply(fd, go_on, sizeof go_on);
    case 'Q':
        return 0;
    default:
        return 1;
    }
}

/* Takes in what was read. False: the session is over. */
static int take(int fd, struct session *session, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        if (session->skip > 0) {
            size_t step = session->skip < length ? session->skip : length;
            session->skip -= step, bytes += step, length -= step;
            continue;
        }
        session->head[session->have++] = *bytes++, length--;
        /* The negotiation is kept whole: its payload is three numbers. */
        size_t needed = session->have >= HEAD && session->head[4] == 'O' ? HEAD + 12 : HEAD;
        if (session->have < needed)
            continue;
        uint32_t announced;
        memcpy(&announced, session->head, 4);
        session->skip = ntohl(announced) - 1 - (needed - HEAD);
        session->have = 0;
        if (!answer(fd, session))
            return 0;
    }
    return 1;
}

static int listen_at(const char *where) {
    int fd, yes = 1;
    if (strncmp(where, "inet:", 5) == 0) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(where + 5))};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
            fail("socket");
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
            fail(where);
    } else {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", where + strlen("unix:"));
        if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) < 0)
            fail("socket");
        if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(address.sun_path, 0666) < 0)
            fail(where);
    }
    if (listen(fd, 1024) < 0)
        fail(where);
    return fd;
}

int main(int argc, char **argv) {
    static unsigned char buffer[64 << 10];
    int yes = 1;
    if (argc != 2)
        return 2;
    polled[0] = (struct pollfd){.fd = listen_at(argv[1]), .events = POLLIN};
    for (;;) {
        if (poll(polled, count, -1) < 0 && errno != EINTR)
            fail("poll");
        for (nfds_t at = count - 1; at > 0; at--) {
            if (!polled[at].revents)
                continue;
            ssize_t length = read(polled[at].fd, buffer, sizeof buffer);
            if (length <= 0 || !take(polled[at].fd, &sessions[at], buffer, length)) {
                close(polled[at].fd);
                count--;
                polled[at] = polled[count];
                sessions[at] = sessions[count];
            }
        }
        if (polled[0].revents && count < MOST) {
            int fd = accept(polled[0].fd, NULL, NULL);
            if (fd >= 0) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                polled[count] = (struct pollfd){.fd = fd, .events = POLLIN};
                sessions[count] = (struct session){0};
                count++;
            }
        }
    }
}
