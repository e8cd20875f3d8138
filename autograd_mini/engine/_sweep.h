/* The backward pass of the node in C: a part of _node.c, the same as backward.py, in the same order. */

typedef struct { Node **nodes; size_t count, room; } Stack;

static inline int push(Stack *s, Node *n) {
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        Node **grown = realloc(s->nodes, room * sizeof *grown);
        if (!grown) return PyErr_NoMemory(), 0;
        s->nodes = grown; s->room = room;
    }
    s->nodes[s->count++] = n;
    return 1;
}

static inline void add(Node *n, double term) {
    n->grad = n->has_grad ? n->grad + term : term;
    n->has_grad = 1;
}

/* Add the gradient of a node with MANY edges to its parents; see edges.py. */
static int pull_many(Node *n, PyObject *collected) {
    int plain = PyTuple_CheckExact(n->parent[1]);
    double number, factor = plain ? n->grad : 1.0;
    PyObject *terms = plain ? Py_NewRef(n->parent[1]) : PyObject_CallFunction(pull, "OdO", n, n->grad, collected);
    for (Py_ssize_t i = 0, count = terms && terms != Py_None ? PyTuple_Size(n->parent[0]) : 0; i < count; i++) {
        PyObject *term = PyTuple_GetItem(terms, i);
        if (term && term != Py_None && (number = PyFloat_AsDouble(term), !FAILED(number)))
            add(NODE(PyTuple_GetItem(n->parent[0], i)), factor * number);
        if (!term || PyErr_Occurred()) { Py_DECREF(terms); return 0; }
    }
    Py_XDECREF(terms);
    return terms != NULL;
}

/* List the nodes that an output depends on, each before all nodes that use it, without leaves. Depth first as in
   backward.py, so that sums are added in the same order. Marks belong to one pass, so that passes cannot mix. */
static int arrange(Node *output, Stack *below, Stack *order) {
    static unsigned long long passes;
    unsigned long long seen = passes += 2, done = seen + 1;
    int good = push(below, output);
#define VISIT(p) { Node *q = NODE(p); good = good && (q->shape == LEAF || q->mark == done || push(below, q)); }
    while (good && below->count) {
        Node *n = below->nodes[--below->count];
        if (n->mark == seen) { /* reached again, after all nodes it was computed from */
            n->mark = done;
            good = push(order, n);
        } else if (n->mark != done) {
            n->mark = seen;
            n->has_grad = 0;
            good = push(below, n);
            if (n->shape == MANY) for (Py_ssize_t i = PyTuple_Size(n->parent[0]); i--;) VISIT(PyTuple_GetItem(n->parent[0], i))
            else for (int i = n->shape; i--;) VISIT(n->parent[i])
        }
    }
    return good;
}

/* sweep(output, gradient) */
static PyObject *sweep(PyObject *module, PyObject *args) {
    PyObject *output, *collected = PyDict_New(); /* joint -> {output: gradient} */
    double gradient;
    Stack below = {NULL, 0, 0}, order = {NULL, 0, 0};
    (void)module;
    int good = collected && PyArg_ParseTuple(args, "O!d", Value, &output, &gradient) && arrange(NODE(output), &below, &order);
    if (good) { NODE(output)->grad = gradient; NODE(output)->has_grad = 1; }
    while (good && order.count) {
        Node *n = order.nodes[--order.count];
        if (!n->has_grad) continue; /* all edges to this node are NO_FLOW */
        if (n->shape == MANY) good = pull_many(n, collected);
        else for (int i = 0; i < n->shape; i++) if (!(n->stops >> i & 1)) add(NODE(n->parent[i]), n->grad * n->to[i]);
    }
    free(below.nodes); free(order.nodes); Py_XDECREF(collected);
    return good ? Py_NewRef(Py_None) : NULL;
}
