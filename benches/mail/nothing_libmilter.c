/* A milter that does nothing, on libmilter: the same steps and the same answers as nothing.c.
 *
 * nothing_libmilter inet:PORT@127.0.0.1 | unix:PATH */
#include <libmilter/mfapi.h>
#include <stdio.h>

static sfsistat negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long a, unsigned long b,
                          unsigned long *our_actions, unsigned long *our_steps, unsigned long *c, unsigned long *d) {
    (void)context, (void)actions, (void)a, (void)b;
    *our_actions = 0;
    *our_steps = steps & (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY);
    *c = *d = 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *c, char *n, _SOCK_ADDR *a) { return (void)c, (void)n, (void)a, SMFIS_NOREPLY; }
static sfsistat on_helo(SMFICTX *c, char *n) { return (void)c, (void)n, SMFIS_NOREPLY; }
static sfsistat on_address(SMFICTX *c, char **a) { return (void)c, (void)a, SMFIS_CONTINUE; }
static sfsistat on_header(SMFICTX *c, char *n, char *v) { return (void)c, (void)n, (void)v, SMFIS_NOREPLY; }
static sfsistat on_eoh(SMFICTX *c) { return (void)c, SMFIS_NOREPLY; }
static sfsistat on_body(SMFICTX *c, unsigned char *p, size_t l) { return (void)c, (void)p, (void)l, SMFIS_NOREPLY; }
static sfsistat on_step(SMFICTX *c) { return (void)c, SMFIS_CONTINUE; }

int main(int argc, char **argv) {
    struct smfiDesc milter = {
        .xxfi_name = "nothing", .xxfi_version = SMFI_VERSION, .xxfi_negotiate = negotiate, .xxfi_connect = on_connect,
        .xxfi_helo = on_helo, .xxfi_envfrom = on_address, .xxfi_envrcpt = on_address, .xxfi_data = on_step,
        .xxfi_header = on_header, .xxfi_eoh = on_eoh, .xxfi_body = on_body, .xxfi_eom = on_step,
    };
    if (argc != 2 || smfi_register(milter) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
        smfi_setbacklog(1024) != MI_SUCCESS)
        return 2;
    return smfi_main() == MI_SUCCESS ? 0 : 2;
}
