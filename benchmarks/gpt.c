/* The GPT of gpt.py by hand in C: the loss of one document, position by position, and its gradient, backwards. */

#include <math.h>
#include <string.h>

enum { WIDTH = 16, POSITIONS = 16, HEADS = 4, SIZE = WIDTH / HEADS, SYMBOLS = 27, HIDDEN = 4 * WIDTH };

typedef struct {
    double symbols[SYMBOLS][WIDTH], positions[POSITIONS][WIDTH];
    double query[WIDTH][WIDTH], key[WIDTH][WIDTH], value[WIDTH][WIDTH], out[WIDTH][WIDTH];
    double up[HIDDEN][WIDTH], down[WIDTH][HIDDEN], head[SYMBOLS][WIDTH];
} Parameters;

typedef struct { /* what one position keeps for the way back */
    double sum[WIDTH], residual[WIDTH], x[WIDTH], query[WIDTH], key[WIDTH], value[WIDTH];
    double shares[HEADS][POSITIONS], seen[WIDTH], middle[WIDTH], inner[WIDTH];
    double hidden[HIDDEN], active[HIDDEN], last[WIDTH], p[SYMBOLS];
    double scales[3];
} Position;

/* y = W x */
static void linear(int rows, int columns, const double *w, const double *x, double *y) {
    for (int i = 0; i < rows; i++) {
        double total = 0.0;
        for (int j = 0; j < columns; j++) total += w[i * columns + j] * x[j];
        y[i] = total;
    }
}

/* dW += dy x', dx += W' dy */
static void linear_back(int rows, int columns, const double *restrict w, const double *restrict x,
                        const double *restrict dy, double *restrict dw, double *restrict dx) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            dw[i * columns + j] += dy[i] * x[j];
            dx[j] += w[i * columns + j] * dy[i];
        }
}

/* y = x over its root mean square; returns the factor */
static double normal(const double *x, double *y) {
    double squares = 0.0;
    for (int i = 0; i < WIDTH; i++) squares += x[i] * x[i];
    double scale = 1.0 / sqrt(squares / WIDTH + 1e-5);
    for (int i = 0; i < WIDTH; i++) y[i] = x[i] * scale;
    return scale;
}

static void normal_back(const double *x, double scale, const double *dy, double *dx) {
    double along = 0.0;
    for (int i = 0; i < WIDTH; i++) along += dy[i] * x[i];
    along *= scale * scale * scale / WIDTH;
    for (int i = 0; i < WIDTH; i++) dx[i] += dy[i] * scale - x[i] * along;
}

static void softmax(int n, double *x) {
    double most = x[0], total = 0.0;
    for (int i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
    for (int i = 0; i < n; i++) total += x[i] = exp(x[i] - most);
    for (int i = 0; i < n; i++) x[i] /= total;
}

static double forward(const Parameters *m, const int *tokens, int n, Position *held) {
    double loss = 0.0;
    for (int t = 0; t < n; t++) {
        Position *at = &held[t];
        for (int i = 0; i < WIDTH; i++) at->sum[i] = m->symbols[tokens[t]][i] + m->positions[t][i];
        at->scales[0] = normal(at->sum, at->residual);
        at->scales[1] = normal(at->residual, at->x);
        linear(WIDTH, WIDTH, m->query[0], at->x, at->query);
        linear(WIDTH, WIDTH, m->key[0], at->x, at->key);
        linear(WIDTH, WIDTH, m->value[0], at->x, at->value);
        memset(at->seen, 0, sizeof at->seen);
        for (int h = 0; h < HEADS; h++) {
            for (int s = 0; s <= t; s++) {
                double score = 0.0;
                for (int j = h * SIZE; j < (h + 1) * SIZE; j++) score += at->query[j] * held[s].key[j];
                at->shares[h][s] = score / sqrt(SIZE);
            }
            softmax(t + 1, at->shares[h]);
            for (int s = 0; s <= t; s++)
                for (int j = h * SIZE; j < (h + 1) * SIZE; j++) at->seen[j] += at->shares[h][s] * held[s].value[j];
        }
        linear(WIDTH, WIDTH, m->out[0], at->seen, at->middle);
        for (int i = 0; i < WIDTH; i++) at->middle[i] += at->residual[i];
        at->scales[2] = normal(at->middle, at->inner);
        linear(HIDDEN, WIDTH, m->up[0], at->inner, at->hidden);
        for (int i = 0; i < HIDDEN; i++) at->active[i] = at->hidden[i] > 0.0 ? at->hidden[i] : 0.0;
        linear(WIDTH, HIDDEN, m->down[0], at->active, at->last);
        for (int i = 0; i < WIDTH; i++) at->last[i] += at->middle[i];
        linear(SYMBOLS, WIDTH, m->head[0], at->last, at->p);
        softmax(SYMBOLS, at->p);
        loss -= log(at->p[tokens[t + 1]]);
    }
    return loss / n;
}

static void backward(const Parameters *m, const int *tokens, int n, const Position *held, Parameters *g) {
    double dkeys[POSITIONS][WIDTH] = {{0}}, dvalues[POSITIONS][WIDTH] = {{0}};
    for (int t = n - 1; t >= 0; t--) {
        const Position *at = &held[t];
        double dp[SYMBOLS], dlast[WIDTH] = {0}, dactive[HIDDEN] = {0}, dinner[WIDTH] = {0};
        double dseen[WIDTH] = {0}, dquery[WIDTH] = {0}, dx[WIDTH] = {0}, dresidual[WIDTH] = {0}, dsum[WIDTH] = {0};
        for (int i = 0; i < SYMBOLS; i++) dp[i] = (at->p[i] - (i == tokens[t + 1])) / n;
        linear_back(SYMBOLS, WIDTH, m->head[0], at->last, dp, g->head[0], dlast);
        linear_back(WIDTH, HIDDEN, m->down[0], at->active, dlast, g->down[0], dactive);
        for (int i = 0; i < HIDDEN; i++) dactive[i] = at->hidden[i] > 0.0 ? dactive[i] : 0.0;
        linear_back(HIDDEN, WIDTH, m->up[0], at->inner, dactive, g->up[0], dinner);
        normal_back(at->middle, at->scales[2], dinner, dlast);
        linear_back(WIDTH, WIDTH, m->out[0], at->seen, dlast, g->out[0], dseen);
        for (int h = 0; h < HEADS; h++) {
            double dshares[POSITIONS], mean = 0.0;
            for (int s = 0; s <= t; s++) {
                dshares[s] = 0.0;
                for (int j = h * SIZE; j < (h + 1) * SIZE; j++) {
                    dshares[s] += dseen[j] * held[s].value[j];
                    dvalues[s][j] += dseen[j] * at->shares[h][s];
                }
                mean += dshares[s] * at->shares[h][s];
            }
            for (int s = 0; s <= t; s++) {
                double dscore = at->shares[h][s] * (dshares[s] - mean) / sqrt(SIZE);
                for (int j = h * SIZE; j < (h + 1) * SIZE; j++) {
                    dquery[j] += dscore * held[s].key[j];
                    dkeys[s][j] += dscore * at->query[j];
                }
            }
        }
        /* those after t have added to its key and value already */
        linear_back(WIDTH, WIDTH, m->query[0], at->x, dquery, g->query[0], dx);
        linear_back(WIDTH, WIDTH, m->key[0], at->x, dkeys[t], g->key[0], dx);
        linear_back(WIDTH, WIDTH, m->value[0], at->x, dvalues[t], g->value[0], dx);
        memcpy(dresidual, dlast, sizeof dlast);
        normal_back(at->residual, at->scales[1], dx, dresidual);
        normal_back(at->sum, at->scales[0], dresidual, dsum);
        for (int i = 0; i < WIDTH; i++) {
            g->symbols[tokens[t]][i] += dsum[i];
            g->positions[t][i] += dsum[i];
        }
    }
}

double value_and_gradient(const Parameters *m, const int *tokens, int n, Parameters *g) {
    Position held[POSITIONS];
    memset(g, 0, sizeof *g);
    double loss = forward(m, tokens, n, held);
    backward(m, tokens, n, held, g);
    return loss;
}
