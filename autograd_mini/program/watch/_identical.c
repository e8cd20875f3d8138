/* Whether containers still have the very objects that they had: identical.py in C.

   Optional: without it the Python function is used, which takes twenty times as long. No code of the user runs: a
   list and a dict are read directly, for which the stable ABI has only functions that take three times as long, and
   the iterators of exact sets and deques are Python's own. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static int list_is(PyObject *list, PyObject *seen, Py_ssize_t count) {
    if (PyList_GET_SIZE(list) != count) return 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (PyList_GET_ITEM(list, i) != PyList_GET_ITEM(seen, i)) return 0;
    return 1;
}

/* ``seen`` has each key, then its value. */
static int dict_is(PyObject *dict, PyObject *seen, Py_ssize_t count) {
    PyObject *key, *value;
    Py_ssize_t at = 0, i = 0;
    if (PyDict_Size(dict) * 2 != count) return 0;
    for (; PyDict_Next(dict, &at, &key, &value); i += 2) /* as many as ``seen`` has: the sizes are the same */
        if (key != PyList_GET_ITEM(seen, i) || value != PyList_GET_ITEM(seen, i + 1)) return 0;
    return 1;
}

static int others_are(PyObject *holder, PyObject *seen, Py_ssize_t count) {
    PyObject *iterator = PyObject_GetIter(holder), *each;
    Py_ssize_t i = 0;
    int same = 1;
    if (!iterator) return -1;
    while (same && (each = PyIter_Next(iterator))) {
        same = i < count && each == PyList_GET_ITEM(seen, i);
        Py_DECREF(each);
        i++;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : same && i == count;
}

static PyObject *identical(PyObject *module, PyObject *args) {
    PyObject *holders, *seen;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &holders, &PyList_Type, &seen)) return NULL;
    if (PyList_GET_SIZE(holders) != PyList_GET_SIZE(seen)) {
        PyErr_SetString(PyExc_ValueError, "identical: as many lists of objects as containers are needed");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(holders); i++) {
        PyObject *holder = PyList_GET_ITEM(holders, i), *objects = PyList_GET_ITEM(seen, i);
        Py_ssize_t count = PyList_GET_SIZE(objects);
        int same = PyList_Check(holder)        ? list_is(holder, objects, count)
                   : PyDict_CheckExact(holder) ? dict_is(holder, objects, count)
                                               : others_are(holder, objects, count);
        if (same < 0) return NULL;
        if (!same) Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

static PyMethodDef functions[] = {
    {"identical", identical, METH_VARARGS, "Tell whether each container has the very objects that were seen in it."},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_identical", "Comparison of containers by identity, in C.", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__identical(void) { return PyModule_Create(&definition); }
