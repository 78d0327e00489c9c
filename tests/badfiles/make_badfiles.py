#!/usr/bin/env python3
# ruff: noqa
# fmt: off
"""Write a folder of bad (and a few good) inputs, with an index.json that says what must happen to each.

    python make_badfiles.py OUT [--recipe-key KEY] [--only WORD]

Needs numpy and Pillow; nothing else. Everything is built from fixed bytes and fixed seeds, so two runs
write the same files. Importable: files(), truncations(), bitflips(), splices().

The hostile files are harmless. Each tries to do one thing: create an empty file at the path in the
environment variable BADFILES_MARKER. A test sets that variable, opens the file, and asserts that nothing
exists at that path afterwards. With the variable unset the payloads fail without touching anything.
"""
import argparse, io, json, os, random, stat, struct, sys, zipfile, zlib
import numpy as np

MARKER = 'BADFILES_MARKER'
CODE = f"open(__import__('os').environ['{MARKER}'],'a').close()"      # for eval / exec
SHELL = f'test -n "${MARKER}" && : > "${MARKER}"'                      # for os.system and friends
DATE = (2020, 1, 1, 0, 0, 0)

# ---------------------------------------------------------------------------------------------------------
# A small pickle writer: plain values, and nodes for what plain values cannot say.

class Raw:                                  # literal opcodes
    def __init__(self, b): self.b = b
class Glob:
    def __init__(self, mod, name, op=None): self.mod, self.name, self.op = mod, name, op
class Call:                                 # REDUCE
    def __init__(self, fn, *args): self.fn, self.args = fn, args
class New:                                  # NEWOBJ
    def __init__(self, cls, *args): self.cls, self.args = cls, args
class Build:
    def __init__(self, obj, state): self.obj, self.state = obj, state
class Items:                                # object followed by SETITEMS
    def __init__(self, obj, pairs): self.obj, self.pairs = obj, pairs
class Pers:
    def __init__(self, pid): self.pid = pid

def enc(x, proto=2):
    e = lambda v: enc(v, proto)
    if isinstance(x, Raw): return x.b
    if isinstance(x, Glob):
        op = x.op or ('stack' if proto >= 4 else 'text')
        if op == 'stack': return e(x.mod) + e(x.name) + b'\x93'
        return b'c' + x.mod.encode() + b'\n' + x.name.encode() + b'\n'
    if isinstance(x, Call): return e(x.fn) + e(tuple(x.args)) + b'R'
    if isinstance(x, New): return e(x.cls) + e(tuple(x.args)) + b'\x81'
    if isinstance(x, Build): return e(x.obj) + e(x.state) + b'b'
    if isinstance(x, Items): return e(x.obj) + (b'(' + b''.join(e(k) + e(v) for k, v in x.pairs) + b'u' if x.pairs else b'')
    if isinstance(x, Pers): return e(x.pid) + b'Q'
    if x is None: return b'N'
    if x is True: return b'\x88'
    if x is False: return b'\x89'
    if isinstance(x, int):
        if 0 <= x < 256: return b'K' + bytes([x])
        if 0 <= x < 65536: return b'M' + struct.pack('<H', x)
        if -2**31 <= x < 2**31: return b'J' + struct.pack('<i', x)
        n = x.bit_length() // 8 + 1
        return b'\x8a' + bytes([n]) + x.to_bytes(n, 'little', signed=True)
    if isinstance(x, float): return b'G' + struct.pack('>d', x)
    if isinstance(x, str):
        b = x.encode('utf-8', 'surrogatepass')
        return b'X' + struct.pack('<I', len(b)) + b
    if isinstance(x, bytes):
        if proto >= 3: return (b'C' + bytes([len(x)]) if len(x) < 256 else b'B' + struct.pack('<I', len(x))) + x
        return e(Call(Glob('_codecs', 'encode'), x.decode('latin1'), 'latin1'))
    if isinstance(x, tuple): return (b')' if not x else b'(' + b''.join(map(e, x)) + b't')
    if isinstance(x, list): return b']' + (b'(' + b''.join(map(e, x)) + b'e' if x else b'')
    if isinstance(x, set): return (b'\x8f' + (b'(' + b''.join(map(e, sorted(x))) + b'\x90' if x else b'')) if proto >= 4 else e(Call(Glob('builtins' if proto >= 3 else '__builtin__', 'set'), sorted(x)))
    if isinstance(x, dict): return b'}' + (b'(' + b''.join(e(k) + e(v) for k, v in x.items()) + b'u' if x else b'')
    raise TypeError(type(x))

def pkl(x, proto=2, head=True): return (b'\x80' + bytes([proto]) if head else b'') + enc(x, proto) + b'.'

# ---------------------------------------------------------------------------------------------------------
# Tensors and arrays as the two kinds of NVIDIA files carry them.

STORAGE = {'f4': 'FloatStorage', 'f8': 'DoubleStorage', 'f2': 'HalfStorage', 'i8': 'LongStorage', 'u1': 'ByteStorage', 'bf2': 'BFloat16Storage', 'c8': 'ComplexFloatStorage', 'b1': 'BoolStorage'}

def storage_bytes(raw, kind, numel, numel_said=None, magic=0x1950a86a20f9469cfc6c, version=1001, obj=None):
    numel_said = numel if numel_said is None else numel_said
    ref = Pers(('storage', Glob('torch', STORAGE[kind]), '1', 'cpu', numel_said, None)) if obj is None else obj
    info = dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4))
    return b''.join(pkl(v) for v in (magic, version, info, ref, ['1'])) + struct.pack('<q', numel_said) + raw

def odict(pairs=()): return Items(Call(Glob('collections', 'OrderedDict')), list(pairs))

def tensor(a, kind=None, size=None, stride=None, offset=0, storage=None, raw=None):
    a = np.array(a, order='C') if a is not None else None
    kind = kind or a.dtype.str[1:]
    raw = a.tobytes() if raw is None else raw
    numel = a.size
    size = tuple(a.shape) if size is None else size
    if stride is None:
        stride, n = [], 1
        for d in reversed(size): stride.insert(0, n); n *= max(d, 1)
    st = storage or Call(Glob('torch.storage', '_load_from_bytes'), storage_bytes(raw, kind, numel))
    return Call(Glob('torch._utils', '_rebuild_tensor_v2'), st, offset, tuple(size), tuple(stride), False, odict())

def param(t): return Call(Glob('torch._utils', '_rebuild_parameter'), t, False, odict())

def npdtype(code='f4', order='<'):
    return Build(Call(Glob('numpy', 'dtype'), code, False, True), (3, order, None, None, None, -1, -1, 0))

def nparray(a, code=None, shape=None, raw=None, dt=None, core='numpy.core.multiarray'):
    a = np.array(a, order='C')
    return Build(Call(Glob(core, '_reconstruct'), Glob('numpy', 'ndarray'), (0,), b'b'),
                 (1, tuple(a.shape) if shape is None else shape, dt or npdtype(code or a.dtype.str[1:]), False, a.tobytes() if raw is None else raw))

def nn(cls, params=(), buffers=(), modules=(), kwargs=None, args=(), src='# source left out\n', meta=None, **attrs):
    state = dict(training=False, _parameters=odict((k, None if v is None else param(tensor(v)) if isinstance(v, np.ndarray) else v) for k, v in params),
                 _buffers=odict((k, tensor(v) if isinstance(v, np.ndarray) else v) for k, v in buffers),
                 _non_persistent_buffers_set=set(), _backward_hooks=odict(), _forward_hooks=odict(), _forward_pre_hooks=odict(),
                 _state_dict_hooks=odict(), _load_state_dict_pre_hooks=odict(), _modules=odict(modules), **attrs)
    state['_init_args'], state['_init_kwargs'] = tuple(args), dict(kwargs or {})
    m = dict(type='class', version=6, module_src=src, class_name=cls, state=state)
    m.update(meta or {})
    return Call(Glob('torch_utils.persistence', '_reconstruct_persistent_obj'), m)

def scalar_array(v): return np.asarray(v) if isinstance(v, np.generic) else v
def rng(name): return np.random.RandomState(zlib.crc32(name.encode()) & 0x7fffffff)
def w(name, *shape): return (rng(name).randn(*shape) if shape else np.array(rng(name).randn())).astype(np.float32)
FIR = (np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64).astype(np.float32)

def ada_generator(res=16, d=8, c=0, layers=2, patch=None, src='# source left out\n', kw=None, drop=(), img=3):
    """A StyleGAN2-ADA (PyTorch) generator, small, complete. patch(path, array) may return another value."""
    keep = patch or (lambda path, a: a)
    def items(prefix, pairs): return [(k, scalar_array(keep(prefix + k, a))) for k, a in pairs if prefix + k not in drop]
    def fc(path, i, o, bias_init=0, act='linear', lr=1.0):
        return nn('FullyConnectedLayer', items(path, [('weight', w(path + 'weight', o, i) / lr), ('bias', np.full(o, bias_init, np.float32))]),
                  activation=act, weight_gain=lr / np.sqrt(i).item(), bias_gain=lr, args=(i, o), kwargs=dict(bias_init=bias_init) if bias_init else dict(activation=act, lr_multiplier=lr) if act != 'linear' else {}, src=src)
    def conv(path, i, o, r, up=1):
        return nn('SynthesisLayer', items(path, [('weight', w(path + 'weight', o, i, 3, 3)), ('noise_strength', np.zeros((), np.float32)), ('bias', np.zeros(o, np.float32))]),
                  items(path, [('resample_filter', FIR), ('noise_const', w(path + 'noise', r, r))]), [('affine', fc(path + 'affine.', d, i, 1))],
                  resolution=r, up=up, use_noise=True, activation='lrelu', conv_clamp=None, padding=1, act_gain=float(np.sqrt(2)),
                  args=(i, o), kwargs=dict(w_dim=d, resolution=r, conv_clamp=None, channels_last=False, **(dict(up=up, resample_filter=[1, 3, 3, 1]) if up > 1 else {})), src=src)
    def rgb(path, i):
        return nn('ToRGBLayer', items(path, [('weight', w(path + 'weight', img, i, 1, 1)), ('bias', np.zeros(img, np.float32))]), (), [('affine', fc(path + 'affine.', d, i, 1))],
                  conv_clamp=None, weight_gain=float(1 / np.sqrt(i)), args=(i, img), kwargs=dict(w_dim=d, conv_clamp=None, channels_last=False), src=src)
    blocks, nws, r, prev = [], 0, 4, 0
    while r <= res:
        p = f'synthesis.b{r}.'
        mods = ([('conv0', conv(p + 'conv0.', prev, d, r, 2))] if prev else []) + [('conv1', conv(p + 'conv1.', d, d, r)), ('torgb', rgb(p + 'torgb.', d))]
        blocks.append((f'b{r}', nn('SynthesisBlock', items(p, [('const', w(p + 'const', d, 4, 4))]) if not prev else (), items(p, [('resample_filter', FIR)]), mods,
                      in_channels=prev, w_dim=d, resolution=r, img_channels=img, is_last=r == res, architecture='skip', use_fp16=False, channels_last=False, num_conv=2 if prev else 1, num_torgb=1,
                      args=(prev, d), kwargs=dict(w_dim=d, resolution=r, img_channels=img, is_last=r == res, use_fp16=False), src=src)))
        nws += 2 if prev else 1; prev = d; r *= 2
    nws += 1
    syn = nn('SynthesisNetwork', (), (), blocks, w_dim=d, img_resolution=res, img_resolution_log2=int(np.log2(res)), img_channels=img, block_resolutions=[4 * 2**i for i in range(len(blocks))], num_ws=nws,
             kwargs=dict(w_dim=d, img_resolution=res, img_channels=img, channel_base=d * res, channel_max=d), src=src)
    mm = ([('embed', fc('mapping.embed.', c, d))] if c else []) + [(f'fc{i}', fc(f'mapping.fc{i}.', d * 2 if c and i == 0 else d, d, 0, 'lrelu', 0.01)) for i in range(layers)]
    mapping = nn('MappingNetwork', (), items('mapping.', [('w_avg', w('mapping.w_avg', d) * 0.1)]), mm, z_dim=d, c_dim=c, w_dim=d, num_ws=nws, num_layers=layers, w_avg_beta=0.995,
                 kwargs=dict(z_dim=d, c_dim=c, w_dim=d, num_ws=nws, num_layers=layers), src=src)
    k = dict(z_dim=d, c_dim=c, w_dim=d, img_resolution=res, img_channels=img, mapping_kwargs=dict(num_layers=layers), synthesis_kwargs=dict(channel_base=d * res, channel_max=d, num_fp16_res=0))
    attrs = dict(z_dim=d, c_dim=c, w_dim=d, img_resolution=res, img_channels=img, num_ws=nws)
    for key, val in (kw or {}).items():
        k[key] = val
        if key in attrs: attrs[key] = val
    return nn('Generator', (), (), [('synthesis', syn), ('mapping', mapping)], kwargs=k, src=src, **attrs)

def ada_file(proto=3, g=None, extra=None, **kw):
    g = g or ada_generator(**kw)
    return pkl(dict(dict(G=None, D=None, G_ema=g, training_set_kwargs=None, augment_pipe=None), **(extra or {})), proto)

def tf_network(name, func, static, variables, components=None, src='# source left out\n', cls=('dnnlib.tflib.network', 'Network')):
    return Build(New(Glob(*cls)), dict(version=4, name=name, static_kwargs=static, components=components or {}, build_module_src=src, build_func_name=func, variables=[(k, nparray(v) if isinstance(v, np.ndarray) else v) for k, v in variables]))

def tf_generator(res=16, d=8, layers=2, src='# source left out\n', cls=('dnnlib.tflib.network', 'Network')):
    m = [(f'Dense{i}/{n}', a) for i in range(layers) for n, a in (('weight', w(f'tf{i}', d, d)), ('bias', np.zeros(d, np.float32)))]
    s, r, noise = [], 4, 0
    def layer(p, i, o, k, ns=True):
        out = [(p + 'weight', w(p, k, k, i, o)), (p + 'mod_weight', w(p + 'm', d, i)), (p + 'mod_bias', np.zeros(i, np.float32))]
        if ns: out.append((p + 'noise_strength', np.zeros((), np.float32)))
        return out + [(p + 'bias', np.zeros(o, np.float32))]
    s += [('4x4/Const/const', w('tfc', 1, d, 4, 4))] + layer('4x4/Conv/', d, d, 3) + layer('4x4/ToRGB/', d, 3, 1, False)
    r = 8
    while r <= res:
        s += layer(f'{r}x{r}/Conv0_up/', d, d, 3) + layer(f'{r}x{r}/Conv1/', d, d, 3) + layer(f'{r}x{r}/ToRGB/', d, 3, 1, False); r *= 2
    n = 2 * int(np.log2(res)) - 3
    s += [(f'noise{i}', w(f'tfn{i}', 1, 1, 4 << ((i + 1) // 2), 4 << ((i + 1) // 2))) for i in range(n)]
    st = dict(latent_size=d, label_size=0, dlatent_size=d, resolution=res, num_channels=3, mapping_layers=layers, mapping_fmaps=d, fmap_base=d * res // 2, fmap_max=d)
    sub = dict(num_channels=3, resolution=res)
    comp = dict(mapping=tf_network('G_mapping', 'G_mapping', sub, m, src=src, cls=cls), synthesis=tf_network('G_synthesis', 'G_synthesis_stylegan2', sub, s, src=src, cls=cls))
    return tf_network('G', 'G_main', st, [('lod', np.zeros((), np.float32)), ('dlatent_avg', np.zeros(d, np.float32))], comp, src, cls)

# ---------------------------------------------------------------------------------------------------------
# Containers

def zinfo(name, method=zipfile.ZIP_STORED, mode=0o100644):
    z = zipfile.ZipInfo(name, DATE); z.compress_type = method; z.external_attr = mode << 16; z.create_system = 3
    return z

def make_zip(members, method=zipfile.ZIP_STORED):
    b = io.BytesIO()
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        with zipfile.ZipFile(b, 'w', method) as z:
            for name, data, *more in members:
                z.writestr(more[0] if more else zinfo(name, method), data)
    return b.getvalue()

def pt_tensor(key, kind, size, stride=None, offset=0, numel=None, name='_rebuild_tensor_v2'):
    if stride is None:
        stride, n = [], 1
        for d in reversed(size): stride.insert(0, n); n *= max(d, 1)
    n = int(np.prod(size)) if numel is None else numel
    return Call(Glob('torch._utils', name), Pers(('storage', Glob('torch', STORAGE[kind]), key, 'cpu', n)), offset, tuple(size), tuple(stride), False, odict())

def pt_file(obj, blobs, method=zipfile.ZIP_STORED, more=(), root='archive', version=b'3\n'):
    m = [(f'{root}/data.pkl', pkl(obj) if not isinstance(obj, bytes) else obj), (f'{root}/byteorder', b'little')]
    m += [(f'{root}/data/{k}', v) for k, v in blobs.items()] + [(f'{root}/version', version)] + list(more)
    return make_zip(m, method)

def safet(header, body=b'', length=None, pad=True):
    h = header if isinstance(header, bytes) else json.dumps(header).encode()
    if pad and not isinstance(header, bytes): h += b' ' * (-len(h) % 8)
    return struct.pack('<Q', len(h) if length is None else length) + h + body

def chunk(kind, data, crc=None, length=None):
    return struct.pack('>I', len(data) if length is None else length) + kind + data + struct.pack('>I', zlib.crc32(kind + data) & 0xffffffff if crc is None else crc)

def png(wd=8, ht=8, before=(), after=(), color=2, depth=8, idat=None, end=True):
    ch = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = b'\0' + bytes(((wd * ch * depth + 7) // 8))
    raw = zlib.compress(row * ht, 9) if idat is None else idat
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', wd, ht, depth, color, 0, 0, 0)) + b''.join(before) + chunk(b'IDAT', raw) + b''.join(after) + (chunk(b'IEND', b'') if end else b'')

def picture(fmt, size=(16, 16), mode='RGB', **kw):
    from PIL import Image
    a = rng(f'{fmt}{size}{mode}').randint(0, 256, (size[1], size[0], 4)).astype(np.uint8)
    im = Image.frombytes('RGBA', size, a.tobytes())
    if mode == 'I;16': im = Image.frombytes('I;16', size, rng('i16').randint(0, 65536, size[0] * size[1]).astype('<u2').tobytes())
    elif mode == 'P': im = im.convert('RGB').quantize(16)
    elif mode == 'F': im = Image.frombytes('F', size, rng('f').rand(size[0] * size[1]).astype('<f4').tobytes())
    else: im = im.convert(mode) if mode != 'CMYK' else im.convert('RGB').convert('CMYK')
    b = io.BytesIO(); im.save(b, fmt, **kw); return b.getvalue()

# ---------------------------------------------------------------------------------------------------------
OUT = []      # (name, kind, expect, must_name, data-or-None, extra)

def add(name, kind, expect, data, names=(), **extra):
    OUT.append((name, kind, expect, list(names), data, extra))

REFUSE, OPENS, EITHER = 'refused', 'opens', 'opens or refused'

def hostile(name, data, names=(), runs='pickle.load', expect=REFUSE, **kw):
    add('hostile/' + name, 'model', expect, data, names, hostile=True, runs_with=runs, **kw)

def make_hostile():
    ev = Call(Glob('builtins', 'eval'), CODE)
    for p in (0, 2, 3, 4, 5):
        sysm = Glob('posix', 'system')
        if p == 0: data = b'cposix\nsystem\n(V' + SHELL.encode() + b'\ntR.'
        else: data = pkl(Call(sysm, SHELL), p)
        hostile(f'os_system_p{p}.pkl', data, ['system'])
    hostile('os_system_text_name.pkl', b"cos\nsystem\n(S'" + SHELL.replace("'", "\\'").encode() + b"'\ntR.", ['os.system'])
    hostile('py2_builtin_eval.pkl', b'c__builtin__\neval\n(V' + CODE.encode() + b'\ntR.', ['eval'])
    hostile('py2_commands_getoutput.pkl', b'ccommands\ngetoutput\n(V' + SHELL.encode() + b'\ntR.', ['getoutput'])
    hostile('builtins_eval.pkl', pkl(ev), ['eval'])
    hostile('builtins_exec.pkl', pkl(Call(Glob('builtins', 'exec'), CODE)), ['exec'])
    hostile('subprocess_popen.pkl', pkl(Call(Glob('subprocess', 'call'), ['/bin/sh', '-c', SHELL])), ['subprocess'])
    hostile('inst_opcode.pkl', b'(V' + CODE.encode() + b'\nibuiltins\neval\n.', ['eval', 'opcode'])
    hostile('obj_opcode.pkl', b'(cbuiltins\neval\nV' + CODE.encode() + b'\no.', ['eval', 'opcode'])
    hostile('newobj_map_bytes.pkl', pkl(New(Glob('builtins', 'bytes'), New(Glob('builtins', 'map'), Glob('builtins', 'eval'), [CODE]))), ['builtins'])
    hostile('newobj_ex.pkl', b'\x80\x04' + enc(Glob('builtins', 'bytes'), 4) + enc((New(Glob('builtins', 'map'), Glob('builtins', 'eval'), [CODE]),), 4) + b'}' + b'\x92.', ['builtins'])
    hostile('copyreg_newobj.pkl', pkl(Call(Glob('copyreg', '__newobj__'), Glob('builtins', 'bytes'), Call(Glob('copyreg', '__newobj__'), Glob('builtins', 'map'), Glob('builtins', 'eval'), [CODE]))), ['copyreg', 'builtins'])
    hostile('getattr_chain.pkl', pkl(Call(Call(Glob('builtins', 'getattr'), Call(Glob('builtins', '__import__'), 'os'), 'system'), SHELL)), ['builtins'])
    hostile('dotted_from_collections.pkl', pkl(Call(Call(Glob('builtins', 'getattr'), Call(Glob('collections', '_sys.modules.get'), 'os'), 'system'), SHELL), 4), ['collections', '_sys'])
    hostile('dotted_only_collections.pkl', pkl(Call(Call(Glob('collections', 'namedtuple.__builtins__.__getitem__'), 'eval'), CODE), 4), ['collections', 'namedtuple'])
    hostile('numpy_runstring.pkl', pkl(Call(Glob('numpy.testing._private.utils', 'runstring'), CODE, {})), ['runstring'])
    hostile('numpy_f2py_getlincoef.pkl', pkl(Call(Glob('numpy.f2py.crackfortran', 'myeval'), CODE)), ['crackfortran'])
    hostile('torch_collect_env_run.pkl', pkl(Call(Glob('torch.utils.collect_env', 'run'), SHELL)), ['collect_env'], runs='pickle.load with torch')
    hostile('load_from_bytes_inner_eval.pkl', pkl(Call(Glob('torch.storage', '_load_from_bytes'), pkl(ev)), 3), ['eval', 'stored tensor'], runs='pickle.load with torch')
    hostile('load_from_bytes_inner_magic.pkl', pkl(Call(Glob('torch.storage', '_load_from_bytes'), storage_bytes(b'\0' * 4, 'f4', 1, obj=ev)), 3), ['eval', 'stored tensor'], runs='pickle.load with torch')
    inner = pkl(Call(Glob('torch.storage', '_load_from_bytes'), pkl(ev)), 3)
    hostile('load_from_bytes_twice.pkl', pkl(Call(Glob('torch.storage', '_load_from_bytes'), inner), 3), ['eval', 'stored tensor', 'storage'], runs='pickle.load with torch')
    hostile('load_from_bytes_in_good_model.pkl', ada_file(patch=lambda p, a: param(Call(Glob('torch._utils', '_rebuild_tensor_v2'), Call(Glob('torch.storage', '_load_from_bytes'), storage_bytes(b'\0' * 4, 'f4', 1, obj=ev)), 0, (1,), (1,), False, odict())) if p == 'mapping.fc1.bias' else a), ['eval', 'stored tensor'], runs='stylegan2-ada-pytorch')
    hostile('nested_pickle_loads.pkl', pkl(Call(Glob('pickle', 'loads'), pkl(ev)), 3), ['pickle'])
    hostile('codeobject_marshal.pkl', pkl(Call(Call(Glob('types', 'FunctionType'), Call(Glob('builtins', 'compile'), CODE, 'x', 'exec'), Call(Glob('builtins', 'dict')))), 3), ['types', 'builtins'])
    hostile('partial_and_reduce.pkl', pkl(Call(Call(Glob('functools', 'partial'), Glob('builtins', 'eval'), CODE))), ['functools'])
    hostile('methodcaller_locate.pkl', pkl(Call(Call(Glob('operator', 'methodcaller'), 'system', SHELL), Call(Glob('pydoc', 'locate'), 'os'))), ['operator', 'pydoc'])
    hostile('pkgutil_resolve.pkl', pkl(Call(Call(Glob('pkgutil', 'resolve_name'), 'os:system'), SHELL)), ['pkgutil'])
    hostile('runpy_code.pkl', pkl(Call(Glob('runpy', '_run_code'), Call(Glob('builtins', 'compile'), CODE, 'x', 'exec'), {})), ['runpy', 'builtins'])
    hostile('timeit.pkl', pkl(Call(Glob('timeit', 'timeit'), CODE, 'pass', Glob('time', 'perf_counter'), 1)), ['timeit'])
    hostile('memo_out_of_order.pkl', b'Vbuiltins\np2\n0Veval\np3\n0Vcollections\np0\n0VOrderedDict\np1\n0g2\ng3\n\x93(V' + CODE.encode() + b'\ntR.', ['eval'])
    hostile('memo_mixed_memoize.pkl', b'\x80\x04' + enc('builtins') + b'q\x00' + enc('eval') + b'q\x01' + enc('collections') + b'\x94' + enc('OrderedDict') + b'\x94' + b'0000' + b'h\x00h\x01\x93' + enc((CODE,)) + b'R.', ['eval'])
    hostile('computed_name.pkl', b'\x80\x04' + enc(Call(Raw(enc('builtins', 4) + enc('str.join', 4) + b'\x93'), '', ['built', 'ins']), 4) + enc('eval', 4) + b'\x93' + enc((CODE,), 4) + b'R.', ['builtins'])
    hostile('computed_name_allowed_only.pkl', b'\x80\x04' + enc(Call(Glob('_codecs', 'decode'), Call(Glob('_codecs', 'encode'), 'builtins', 'latin1'), 'latin1'), 4) + enc('eval', 4) + b'\x93' + enc((CODE,), 4) + b'R.', ['_codecs', 'eval'])
    hostile('payload_then_garbage.pkl', b'\x80\x02' + enc(ev) + b'\xff\xfe\xfd', ['eval'])
    hostile('payload_then_no_stop.pkl', b'\x80\x02' + enc(ev), ['eval'])
    hostile('payload_popped.pkl', b'\x80\x02' + enc(ev) + b'0' + enc({}) + b'.', ['eval'])
    hostile('payload_inside_good_model.pkl', pkl(dict(training_set_kwargs=ev, G=None, D=None, G_ema=ada_generator()), 3), ['eval'])
    hostile('payload_in_second_network.pkl', ada_file(extra=dict(D=ev)), ['eval'])
    hostile('payload_as_dict_key.pkl', b'\x80\x02}' + enc(ev) + b'K\x01s.', ['eval'])
    hostile('payload_with_frame.pkl', b'\x80\x04\x95' + struct.pack('<Q', len(enc(ev, 4)) + 1) + enc(ev, 4) + b'.', ['eval'])
    hostile('proto_lie_zero.pkl', b'\x80\x00' + enc(ev, 4) + b'.', ['eval'])
    hostile('copyreg_add_extension.pkl', b'\x80\x02' + enc(Call(Glob('copyreg', 'add_extension'), 'builtins', 'eval', 0x7b)) + b'0\x82\x7b' + enc((CODE,)) + b'R.', ['copyreg', 'opcode'])
    hostile('build_calls_setstate.pkl', pkl(Build(Build(Call(Glob('types', 'SimpleNamespace')), {'__setstate__': Glob('builtins', 'eval')}), CODE)), ['types', 'eval'])
    hostile('append_calls_attribute.pkl', b'\x80\x02' + enc(Build(Call(Glob('types', 'SimpleNamespace')), {'append': Glob('builtins', 'eval')})) + enc(CODE) + b'a.', ['types', 'eval'])
    hostile('appends_calls_extend.pkl', b'\x80\x02' + enc(Build(Call(Glob('argparse', 'Namespace')), {'extend': Glob('builtins', 'exec')})) + b'(' + enc(CODE) + b'e.', ['argparse', 'exec'], runs='no', note='pickle hands extend a list, so nothing runs; refused all the same')
    hostile('setitem_on_environ.pkl', b'\x80\x02' + enc(Glob('os', 'environ')) + enc('BADFILES_SEEN') + enc('1') + b's0' + enc(ev) + b'.', ['os.environ', 'environ'])
    hostile('nvidia_module_src.pkl', ada_file(src=CODE + '\n'), ['source'], runs='stylegan2-ada-pytorch', expect=OPENS, note='a good model whose carried source is hostile: it opens, and the source is never run')
    hostile('nvidia_tf_module_src.pkl', pkl((tf_generator(src=CODE + '\n'),) * 3, 3), ['source'], runs='stylegan2 (TensorFlow)', expect=OPENS, note='as above')
    # the same payloads in torch containers
    hostile('pt_zip_eval.pt', pt_file(ev, {}), ['eval'], runs='torch.load(weights_only=False)')
    hostile('pt_zip_eval_in_dict.pt', pt_file(dict(g_ema=dict(weight=pt_tensor('0', 'f4', (2,))), step=ev), {'0': b'\0' * 8}), ['eval'], runs='torch.load(weights_only=False)')
    hostile('pt_legacy_eval_as_magic.pt', pkl(ev), ['eval', 'magic'], runs='torch.load(weights_only=False)')
    hostile('pt_legacy_eval_third.pt', pkl(0x1950a86a20f9469cfc6c) + pkl(1001) + pkl(ev), ['eval'], runs='torch.load(weights_only=False)')
    hostile('pt_zip_bad_crc_eval.pt', _flip_crc(pt_file(ev, {}), 'archive/data.pkl'), ['eval', 'damaged'], runs='torch.load(weights_only=False)')
    hostile('pt_zip_second_pickle.pt', pt_file(dict(a=1), {}, more=[('archive/constants.pkl', pkl(ev)), ('archive/code/__torch__.py', CODE.encode())]), ['constants.pkl', 'code', 'eval'], runs='no')
    hostile('pt_named_safetensors.safetensors', pt_file(ev, {}), ['safetensors', 'header'], runs='no', note='a torch archive under another name; see pt_zip_eval.pt')
    hostile('pickle_named_safetensors.safetensors', pkl(ev), ['safetensors', 'header'])
    hostile('pickle_named_png.png', pkl(ev), ['image', 'PNG'], )
    hostile('tar_legacy.pt', _tar([('storages', pkl(ev)), ('tensors', pkl(0)), ('pickle', pkl(0))]), ['tar', 'format'], runs='torch.load(weights_only=False)')

def _tar(members):
    import tarfile
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode='w', format=tarfile.USTAR_FORMAT) as t:
        for n, d in members:
            i = tarfile.TarInfo(n); i.size = len(d); t.addfile(i, io.BytesIO(d))
    return b.getvalue()

def _flip_crc(z, name):
    z = bytearray(z); nb = name.encode(); i = z.find(nb)
    while i >= 0:
        if z[i - 46:i - 42] == b'PK\x01\x02': z[i - 30] ^= 0xff
        elif z[i - 30:i - 26] == b'PK\x03\x04': z[i - 16] ^= 0xff
        i = z.find(nb, i + 1)
    return bytes(z)

def make_bombs():
    B = lambda n, d, names, **k: add('bombs/' + n, 'model', REFUSE, d, names, max_mb=512, max_seconds=10, **k)
    laugh = enc(('ha',)) + b'q\x000' + b''.join(b'h' + bytes([i]) + b'h' + bytes([i]) + b'\x86q' + bytes([i + 1]) + b'0' for i in range(60)) + b'h\x3c'
    B('laughs_tuples.pkl', b'\x80\x02' + laugh + b'.', ['laugh', 'left over', 'model', 'format'])
    B('laughs_as_key.pkl', b'\x80\x02}' + laugh + b'K\x01s.', ['key', 'left over'], note='hashing the key takes 2**60 steps: pickle.load never returns')
    B('laughs_in_set.pkl', b'\x80\x04\x8f(' + laugh + b'\x90.', ['set', 'key'], note='as above')
    B('laughs_lists.pkl', b'\x80\x02]q\x000' + b''.join(b'](h' + bytes([i]) + b'h' + bytes([i]) + b'eq' + bytes([i + 1]) + b'0' for i in range(80)) + b'h\x50.', ['left over', 'model', 'format'])
    B('laughs_in_good_model.pkl', ada_file(2, extra=dict(training_set_kwargs=dict(path=Raw(laugh)))), ['deep', 'large', 'training_set_kwargs', 'path'], note='the network is sound; the rest must not be printed, compared or copied without a limit', )
    B('laughs_dup.pkl', b'\x80\x02' + b'K\x01' + b'2\x86' * 80 + b'.', ['opcode', 'model', 'format'])
    B('deep_tuples.pkl', b'\x80\x02N' + b'\x85' * 1_000_000 + b'.', ['deep', 'model', 'format'])
    B('deep_lists_in_dict.pkl', b'\x80\x02' + b']' * 200_000 + b'a' * 199_999 + b'.', ['deep', 'model', 'format'])
    B('deep_marks.pkl', b'\x80\x02' + b'(' * 2_000_000 + b'.', ['left over', 'mark', 'stack', 'underflow'])
    B('cycle.pkl', b'\x80\x02]q\x00h\x00a.', ['model', 'format', 'itself'])
    B('memo_huge_index.pkl', b'\x80\x02]r\xff\xff\xff\x7f.', ['memo', 'model', 'format'], note='pickle.load asks for tens of GiB before Python 3.15')
    B('memo_text_huge.pkl', b']p' + b'9' * 30 + b'\n.', ['memo', 'number'])
    B('memo_missing.pkl', b'\x80\x02h\x07.', ['memo'])
    B('binbytes8_lie.pkl', b'\x80\x04\x8e' + struct.pack('<Q', 1 << 62) + b'abc.', ['early', 'length'])
    B('unicode8_lie.pkl', b'\x80\x04\x8d' + struct.pack('<Q', 1 << 40) + b'abc.', ['early', 'length'])
    B('binbytes_lie.pkl', b'\x80\x03B' + struct.pack('<I', 0xffffffff) + b'abc.', ['early', 'length'])
    B('bytearray8_lie.pkl', b'\x80\x05\x96' + struct.pack('<Q', 1 << 40) + b'abc.', ['opcode', 'early'])
    B('long4_huge.pkl', b'\x80\x02\x8b' + struct.pack('<i', 0x7fffffff) + b'\x01.', ['opcode', 'early'])
    B('long4_negative.pkl', b'\x80\x02\x8b' + struct.pack('<i', -1) + b'.', ['opcode', 'negative'])
    B('int_text_long.pkl', b'I' + b'9' * 3_000_000 + b'\n.', ['number', 'line'])
    B('frame_longer_than_file.pkl', b'\x80\x04\x95' + struct.pack('<Q', 1 << 50) + b'N.', ['frame', 'early'])
    B('frame_inside_frame.pkl', b'\x80\x04\x95' + struct.pack('<Q', 12) + b'\x95' + struct.pack('<Q', 2) + b'N..', ['frame', 'after', 'model', 'format'])
    B('proto_255.pkl', b'\x80\xffN.', ['protocol'])
    B('pers_text.pkl', b'Pfile:///etc/hostname\n.', ['opcode', 'outside'])
    B('pers_bin.pkl', b'\x80\x02' + enc(('storage', 'x', 'y')) + b'Q.', ['outside', 'persistent'])
    B('next_buffer.pkl', b'\x80\x05\x97.', ['opcode', 'buffer'])
    B('ext1.pkl', b'\x80\x02\x82\x01.', ['opcode', 'extension'])
    B('bytearray_terabyte.pkl', pkl(Call(Glob('builtins', 'bytearray'), 1 << 40)), ['bytearray'])
    B('bytearray_terabyte.pt', pt_file(Call(Glob('builtins', 'bytearray'), 1 << 37), {}), ['bytearray'], note='torch.load(weights_only=True) obeys this')
    B('tensor_class_terabyte.pt', pt_file(Call(Glob('torch', 'FloatTensor'), 1 << 36), {}), ['FloatTensor'])
    B('meta_tensor.pt', pt_file(Call(Glob('torch._utils', '_rebuild_meta_tensor_no_storage'), Glob('torch', 'float32'), (1 << 40,), (1,), False), {}), ['meta'])
    B('np_reconstruct_terabyte.pkl', pkl(Call(Glob('numpy.core.multiarray', '_reconstruct'), Glob('numpy', 'ndarray'), (1 << 40,), b'b'), 3), ['array'])
    B('np_shape_lie.pkl', pkl(nparray(np.zeros(4, np.float32), shape=(1 << 40,)), 3), ['shape', 'bytes'])
    B('np_shape_overflow.pkl', pkl(nparray(np.zeros(4, np.float32), shape=(1 << 31, 1 << 31, 1 << 31)), 3), ['shape'])
    B('np_shape_negative.pkl', pkl(nparray(np.zeros(4, np.float32), shape=(-4,)), 3), ['shape'])
    objs = Build(Call(Glob('numpy', 'dtype'), 'O8', False, True), (3, '|', None, None, None, -1, -1, 63))
    B('np_object_array.pkl', pkl(Build(Call(Glob('numpy.core.multiarray', '_reconstruct'), Glob('numpy', 'ndarray'), (0,), b'b'), (1, (1,), objs, False, ['x'])), 3), ['object', 'O8'])
    B('np_object_scalar.pkl', pkl(Call(Glob('numpy.core.multiarray', 'scalar'), Call(Glob('numpy', 'dtype'), 'O8', False, True), 'x'), 3), ['object', 'O8'])
    B('np_dtype_field_outside.pkl', pkl(nparray(np.zeros(1, np.float64), dt=Build(Call(Glob('numpy', 'dtype'), 'V8', False, True), (3, '|', None, ('x',), {'x': (npdtype('f8'), 1 << 30)}, 8, 1, 0)), shape=(1,)), 3), ['dtype', 'V8', 'array type'], note='reading field x of the array that pickle.load returns crashes the process')
    B('np_dtype_itemsize_lie.pkl', pkl(nparray(np.zeros(1, np.float64), dt=Build(Call(Glob('numpy', 'dtype'), 'V8', False, True), (3, '|', None, None, None, 1 << 30, 1, 0)), shape=(0,), raw=b''), 3), ['dtype', 'V8', 'array type'])
    B('np_ndarray_call.pkl', pkl(Call(Glob('numpy', 'ndarray'), (1 << 38,), 'f4')), ['ndarray'])
    for n, t, names in [
        ('stride_zero_terabyte', dict(size=(1 << 20, 1 << 20), stride=(0, 0)), ['stride', 'storage', 'arrays', 'shape']),
        ('size_beyond_storage', dict(size=(1000,)), ['storage']),
        ('offset_beyond_storage', dict(size=(4,), offset=1 << 40), ['storage']),
        ('offset_negative', dict(size=(4,), offset=-4), ['stride', 'storage', 'offset']),
        ('stride_negative', dict(size=(4,), stride=(-1,), offset=3), ['stride']),
        ('stride_overflow', dict(size=(2, 2), stride=(1 << 62, 1 << 62)), ['storage', 'stride']),
        ('size_overflow', dict(size=(1 << 31, 1 << 31, 4), stride=(0, 0, 0)), ['shape']),
        ('size_negative', dict(size=(-1,), stride=(1,)), ['shape']),
        ('size_text', dict(size=('4',), stride=(1,)), ['shape']),
        ('size_float', dict(size=(4.0,), stride=(1,)), ['shape']),
        ('dims_mismatch', dict(size=(2, 2), stride=(1,)), ['stride'])]:
        B(f'tensor_{n}.pkl', pkl(tensor(np.zeros(4, np.float32), **t), 3), names)
        k = dict(t); k['numel'] = 4
        B(f'tensor_{n}.pt', pt_file(dict(weight=pt_tensor('0', 'f4', k.pop('size'), k.pop('stride', (1,)), k.pop('offset', 0), 4)), {'0': b'\0' * 16}), names)
    B('storage_numel_lie.pkl', pkl(tensor(np.zeros(4, np.float32), storage=Call(Glob('torch.storage', '_load_from_bytes'), storage_bytes(b'\0' * 16, 'f4', 4, 1 << 40)))), ['length', 'stored tensor'])
    B('storage_numel_negative.pkl', pkl(tensor(np.zeros(4, np.float32), storage=Call(Glob('torch.storage', '_load_from_bytes'), storage_bytes(b'\0' * 16, 'f4', 4, -4)))), ['length', 'stored tensor'])
    B('storage_numel_lie.pt', pt_file(dict(weight=pt_tensor('0', 'f4', (1 << 20,), numel=1 << 20)), {'0': b'\0' * 16}), ['storage', 'length'])
    B('storage_missing.pt', pt_file(dict(weight=pt_tensor('7', 'f4', (4,))), {'0': b'\0' * 16}), ['7'])
    B('storage_key_path.pt', pt_file(dict(weight=pt_tensor('../data.pkl', 'f4', (4,))), {'0': b'\0' * 16}), ['data.pkl', 'key'])
    B('qtensor.pt', pt_file(dict(weight=Call(Glob('torch._utils', '_rebuild_qtensor'), Pers(('storage', Glob('torch', 'QInt8Storage'), '0', 'cpu', 16)), 0, (4,), (1 << 30,), (Glob('torch', 'per_tensor_affine'), 1.0, 0), False, odict())), {'0': b'\0' * 16}), ['qtensor'])
    B('zip_bomb.pt', pt_file(dict(weight=pt_tensor('0', 'f4', (1 << 26,))), {'0': b'\0' * (1 << 28)}, zipfile.ZIP_DEFLATED), ['compressed'])
    B('zip_many_members.pt', pt_file(dict(a=1), {str(i): b'' for i in range(70_000)}), ['members', 'model', 'format'])
    B('zip_two_roots.pt', pt_file(dict(a=1), {}, more=[('other/data.pkl', pkl(dict(a=2)))]), ['data.pkl', 'model', 'format', 'more than one'])
    B('zip_duplicate_data.pt', pt_file(dict(a=1), {}, more=[('archive/data.pkl', pkl(dict(a=2)))]), ['data.pkl', 'twice', 'model', 'format'])
    B('zip_no_data.pt', make_zip([('archive/version', b'3\n')]), ['data.pkl'])
    B('zip_encrypted_flag.pt', bytes(bytearray(pt_file(dict(a=1), {})).replace(b'PK\x01\x02\x14\x03\x14\x00\x00\x00', b'PK\x01\x02\x14\x03\x14\x00\x01\x00')), ['encrypted', 'password', 'damaged', 'model', 'format'])
    z = pt_file(dict(weight=pt_tensor('0', 'f4', (4,))), {'0': b'\0' * 16})
    B('zip_truncated_directory.pt', z[:-30], ['zip', 'damaged', 'truncated'])
    B('zip_directory_far.pt', z[:-6] + struct.pack('<I', 0xfffffff0) + b'\0\0', ['zip', 'damaged'])
    B('zip_overlap.pt', _overlap(z), ['zip', 'damaged', 'overlap', 'header', 'differ'])

def _overlap(z):
    z = bytearray(z); i = z.find(b'PK\x01\x02'); j = z.find(b'PK\x01\x02', i + 4)
    z[j + 42:j + 46] = z[i + 42:i + 46]
    return bytes(z)

def make_safetensors():
    A = lambda n, d, names, expect=REFUSE, **k: add('safetensors/' + n + '.safetensors', 'model', expect, d, names, max_mb=512, max_seconds=10, **k)
    e = lambda a, b, shape=(4,), t='F32': dict(dtype=t, shape=list(shape), data_offsets=[a, b])
    ok = dict(weight=e(0, 16))
    A('empty', b'', ['header', 'short', 'empty'])
    A('seven_bytes', b'\0' * 7, ['header', 'short'])
    A('header_zero', struct.pack('<Q', 0), ['header'])
    A('header_past_end', safet(ok, b'\0' * 16, 1000), ['header'])
    A('header_2_63', safet(ok, b'\0' * 16, 1 << 63), ['header'])
    A('header_2_64_less_8', safet(ok, b'\0' * 16, (1 << 64) - 8), ['header'])
    A('header_100mb_said', safet(ok, b'\0' * 16, 100_000_001), ['header'])
    A('header_not_json', safet(b'{not json', b''), ['header'])
    A('header_not_utf8', safet(b'{"\xff\xfe": 1}', b''), ['header'])
    A('header_list', safet(b'[]      ', b''), ['header'])
    A('header_number', safet(b'7       ', b''), ['header'])
    A('header_deep', safet(b'{"a":' * 50_000 + b'1' + b'}' * 50_000, b''), ['header'])
    A('header_nan', safet(b'{"weight":{"dtype":"F32","shape":[NaN],"data_offsets":[0,16]}}', b'\0' * 16), ['header', 'shape'])
    A('header_bom', safet(b'\xef\xbb\xbf' + json.dumps(ok).encode(), b'\0' * 16), ['header'])
    A('duplicate_keys', safet(b'{"weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', b'\0' * 16), ['weight', 'header', 'twice', 'model'])
    A('overlap', safet(dict(a=e(0, 16), b=e(8, 24)), b'\0' * 24), ['offset'])
    A('same_region', safet(dict(a=e(0, 16), b=e(0, 16)), b'\0' * 16), ['offset'])
    A('gap', safet(dict(a=e(0, 16), b=e(20, 36)), b'\0' * 36), ['offset'])
    A('offset_past_end', safet(dict(a=e(0, 1 << 40, (1 << 38,))), b'\0' * 16), ['offset', 'size', 'a'])
    A('offset_reversed', safet(dict(a=e(16, 0)), b'\0' * 16), ['offset', 'a'])
    A('offset_negative', safet(b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}', b'\0' * 16), ['header', 'offset'])
    A('offset_float', safet(b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,1.6e1]}}', b'\0' * 16), ['header', 'offset'])
    A('trailing_bytes', safet(ok, b'\0' * 32), ['end', 'size', 'buffer', 'offset'])
    A('too_few_bytes', safet(ok, b'\0' * 8), ['end', 'size', 'buffer', 'offset'])
    A('shape_mismatch', safet(dict(a=e(0, 16, (5,))), b'\0' * 16), ['shape', 'a'])
    A('shape_overflow', safet(dict(a=e(0, 16, (1 << 62, 1 << 62))), b'\0' * 16), ['shape', 'overflow', 'a'])
    A('shape_negative', safet(b'{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}', b'\0' * 16), ['header', 'shape'])
    A('dtype_unknown', safet(dict(a=e(0, 16, (4,), 'X32')), b'\0' * 16), ['dtype', 'X32', 'header'])
    A('dtype_missing', safet(dict(a=dict(shape=[4], data_offsets=[0, 16])), b'\0' * 16), ['dtype', 'header'])
    A('metadata_not_text', safet(dict(__metadata__=dict(a=1), weight=e(0, 16)), b'\0' * 16), ['metadata', 'header'])
    A('metadata_list', safet(dict(__metadata__=[], weight=e(0, 16)), b'\0' * 16), ['metadata', 'header'])
    A('not_a_model', safet(ok, b'\0' * 16), ['model', 'format', 'weight'], note='a sound safetensors file that holds no known network')
    A('no_tensors', safet({}, b''), ['model', 'empty', 'format'])
    A('metadata_recipe_nan', safet(dict(__metadata__=dict(config='{"z_dim": NaN, "img_resolution": 1e400}'), weight=e(0, 16)), b'\0' * 16), ['model', 'config', 'format'])
    A('metadata_claims_code', safet(dict(__metadata__=dict(config='{"class": "os.system", "arch": "__import__(\'os\')"}'), weight=e(0, 16)), b'\0' * 16), ['model', 'os.system', 'format'])
    A('ten_thousand_tensors', safet({f't{i}': e(i * 4, i * 4 + 4, (1,)) for i in range(10_000)}, b'\0' * 40_000), ['model', 'format'])
    A('path_names', safet({'../../etc/passwd': e(0, 16)}, b'\0' * 16), ['model', 'format'])
    A('bf16_model_unknown', safet(dict(weight=e(0, 8, (4,), 'BF16')), b'\0' * 8), ['model', 'format'])

def make_models():
    M = lambda n, d, expect, names=(), **k: add('models/' + n, 'model', expect, d, names, **k)
    M('ok_ada_16_p2.pkl', ada_file(2), OPENS)
    M('ok_ada_16_p3.pkl', ada_file(3), OPENS)
    M('ok_ada_16_p4.pkl', ada_file(4), OPENS)
    M('ok_ada_16_labels.pkl', ada_file(3, c=3), OPENS, note='3 classes: class -1, 3, 1.5, NaN and text must each be refused by name')
    M('ok_tf_16.pkl', pkl((tf_generator(),) * 3, 3), OPENS)
    M('ok_tf_16_p4.pkl', pkl((tf_generator(),) * 3, 4), OPENS)
    M('only_g.pkl', pkl(dict(G=ada_generator()), 3), EITHER, ['G_ema'])
    M('only_d.pkl', pkl(dict(D=ada_generator(), G=None, G_ema=None), 3), REFUSE, ['G_ema', 'generator'])
    M('empty_dict.pkl', pkl({}), REFUSE, ['model', 'generator', 'G_ema'])
    for n, v in [('none', None), ('int', 7), ('list', [1, 2]), ('text', 'hello'), ('dict_of_dict', dict(a=dict(b=1)))]: M(f'just_{n}.pkl', pkl(v), REFUSE, ['model', 'generator', 'format'])
    M('empty_file.pkl', b'', REFUSE, ['empty', 'early', 'short'])
    M('one_byte.pkl', b'\x80', REFUSE, ['early', 'short', 'truncated'])
    M('only_stop.pkl', b'.', REFUSE, ['underflow', 'stack', 'model', 'format'])
    M('html_page.pkl', b'<!DOCTYPE html><html><head><title>404</title></head></html>\n' * 20, REFUSE, ['HTML', 'web page', 'not a', 'opcode'], note='what a failed download leaves')
    M('lfs_pointer.pkl', b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'0' * 64 + b'\nsize 381673535\n', REFUSE, ['LFS', 'pointer', 'not a', 'opcode'])
    M('zeros.pkl', bytes(4096), REFUSE, ['opcode', 'not a', 'format'])
    M('noise.pkl', rng('noise').bytes(65536), REFUSE, ['opcode', 'not a', 'format', 'text', 'early', 'frame'])
    M('gzip.pkl', zlib.compress(ada_file(3)), REFUSE, ['opcode', 'not a', 'format'])
    M('trailing_bytes.pkl', ada_file(3) + b'trailing', EITHER, ['after'])
    good = ada_file(3)
    M('cut_in_half.pkl', good[:len(good) // 2], REFUSE, ['early', 'truncated'])
    M('cut_last_byte.pkl', good[:-1], REFUSE, ['early', 'truncated'])
    flip = bytearray(good); flip[len(flip) // 3] ^= 0x40
    M('one_bit_flipped.pkl', bytes(flip), EITHER, note='a flip inside weights cannot be seen; anywhere else it must be refused')
    M('crlf_download.pkl', ada_file(2).replace(b'\n', b'\r\n'), REFUSE, ['damaged', 'not on the list', 'text mode', 'early', 'opcode'])
    P = lambda f: ada_file(3, patch=f)
    at = 'synthesis.b8.conv1.weight'
    one = lambda path, fn: (lambda p, a: fn(a) if p == path else a)
    M('weights_nan.pkl', P(one(at, lambda a: np.full_like(a, np.nan))), EITHER, ['nan', 'NaN', at], note='opens with a warning that names the tensor, or refused')
    M('weights_inf.pkl', P(one(at, lambda a: np.full_like(a, np.inf))), EITHER, ['inf', 'Inf', at])
    M('weights_all_zero.pkl', P(lambda p, a: a * 0), OPENS)
    M('weights_1e37.pkl', P(lambda p, a: np.sign(a) * np.float32(1e37)), EITHER, note='renders must not crash; NaN pixels must be shown as such or as black')
    M('missing_weight.pkl', ada_file(3, drop=(at,)), REFUSE, [at])
    M('missing_w_avg.pkl', ada_file(3, drop=('mapping.w_avg',)), EITHER, ['w_avg'])
    M('missing_const.pkl', ada_file(3, drop=('synthesis.b4.const',)), REFUSE, ['const'])
    M('wrong_shape.pkl', P(one(at, lambda a: a[:, :4])), REFUSE, [at])
    M('wrong_rank.pkl', P(one(at, lambda a: a.reshape(-1))), REFUSE, [at])
    M('weight_is_none.pkl', P(one(at, lambda a: None)), REFUSE, [at])
    M('weight_is_number.pkl', P(one(at, lambda a: 1.5)), REFUSE, [at])
    M('weight_is_list.pkl', P(one(at, lambda a: [1.0, 2.0])), REFUSE, [at])
    M('dtype_f16.pkl', P(lambda p, a: param(tensor(a.astype(np.float16)))), OPENS)
    M('dtype_f64.pkl', P(lambda p, a: param(tensor(a.astype(np.float64)))), OPENS)
    M('dtype_bf16.pkl', P(lambda p, a: param(tensor((a.view(np.uint32) >> 16).astype(np.uint16) if a.ndim else np.zeros((), np.uint16), kind='bf2'))), OPENS)
    M('dtype_int64.pkl', P(one(at, lambda a: param(tensor(a.astype(np.int64))))), EITHER, [at])
    M('dtype_complex.pkl', P(one(at, lambda a: param(tensor(a.astype(np.complex64), kind='c8')))), REFUSE, [at, 'omplex'])
    M('dtype_bool.pkl', P(one(at, lambda a: param(tensor(a > 0, kind='b1')))), REFUSE, [at, 'ool'])
    M('kwargs_z_dim_huge.pkl', ada_file(3, kw=dict(z_dim=2**31 - 1)), REFUSE, ['z_dim'], max_mb=1024, note='settings must not be believed before the tensors agree')
    M('kwargs_resolution_huge.pkl', ada_file(3, kw=dict(img_resolution=2**30)), REFUSE, ['img_resolution', 'resolution'], max_mb=1024)
    M('kwargs_resolution_not_power.pkl', ada_file(3, kw=dict(img_resolution=17)), REFUSE, ['img_resolution', 'resolution'])
    M('kwargs_resolution_zero.pkl', ada_file(3, kw=dict(img_resolution=0)), REFUSE, ['img_resolution', 'resolution'])
    M('kwargs_resolution_text.pkl', ada_file(3, kw=dict(img_resolution='16')), EITHER, ['img_resolution', 'resolution'])
    M('kwargs_resolution_nan.pkl', ada_file(3, kw=dict(img_resolution=float('nan'))), REFUSE, ['img_resolution', 'resolution'])
    M('kwargs_layers_huge.pkl', ada_file(3, kw=dict(mapping_kwargs=dict(num_layers=10**9))), REFUSE, ['num_layers', 'mapping'], max_mb=1024)
    M('kwargs_layers_negative.pkl', ada_file(3, kw=dict(mapping_kwargs=dict(num_layers=-1))), REFUSE, ['num_layers', 'mapping'])
    M('kwargs_c_dim_negative.pkl', ada_file(3, kw=dict(c_dim=-1)), REFUSE, ['c_dim'])
    M('kwargs_c_dim_huge.pkl', ada_file(3, kw=dict(c_dim=10**9)), REFUSE, ['c_dim'], max_mb=1024)
    M('kwargs_activation_unknown.pkl', ada_file(3, kw=dict(mapping_kwargs=dict(num_layers=2, activation='os.system'))), REFUSE, ['activation', 'os.system'])
    M('kwargs_unknown.pkl', ada_file(3, kw=dict(surprise=dict(a=1))), EITHER, ['surprise'])
    M('kwargs_filter_huge.pkl', ada_file(3, kw=dict(synthesis_kwargs=dict(resample_filter=[1] * 100_000))), REFUSE, ['resample_filter'])
    M('kwargs_missing.pkl', ada_file(3, g=nn('Generator')), REFUSE, ['z_dim', 'synthesis', 'generator'])
    M('image_channels_1.pkl', ada_file(3, img=1), EITHER, ['channels'])
    M('image_channels_4.pkl', ada_file(3, img=4), EITHER, ['channels'])
    M('class_unknown.pkl', pkl(dict(G_ema=nn('MyOwnTransformer', [('a', w('a', 4))])), 3), REFUSE, ['MyOwnTransformer'])
    M('class_name_not_text.pkl', pkl(dict(G_ema=nn('x', meta=dict(class_name=7))), 3), REFUSE, ['class_name', 'persistent'])
    M('persistent_version_future.pkl', pkl(dict(G_ema=nn('Generator', meta=dict(version=99))), 3), REFUSE, ['version', 'z_dim', 'generator'])
    M('state_not_dict.pkl', pkl(dict(G_ema=nn('Generator', meta=dict(state=[1]))), 3), REFUSE, ['state', 'persistent'])
    M('foreign_torch_module.pkl', pkl(dict(G_ema=Build(New(Glob('torch.nn.modules.linear', 'Linear')), dict(training=False))), 3), REFUSE, ['Linear'])
    M('foreign_timm.pkl', ada_file(3, extra=dict(D=Build(New(Glob('timm.models.efficientnet', 'EfficientNet')), {}))), REFUSE, ['timm'])
    M('tf_version_1.pkl', pkl(Build(New(Glob('dnnlib.tflib.network', 'Network')), dict(version=1)), 3), REFUSE, ['version', 'variables', 'generator'])
    M('tf_variables_wrong.pkl', pkl((tf_network('G', 'G_main', {}, [('a', 7)]),) * 3, 3), REFUSE, ['resolution', 'variables', 'a'])
    M('tf_two_of_three.pkl', pkl((tf_generator(),) * 2, 3), REFUSE, ['generator', 'model', 'three'])
    M('state_dict_resnet.pt', pt_file(odict([('conv1.weight', pt_tensor('0', 'f4', (4, 3, 3, 3))), ('fc.bias', pt_tensor('1', 'f4', (4,)))]), {'0': b'\0' * 432, '1': b'\0' * 16}), REFUSE, ['conv1.weight', 'model', 'format'])
    M('state_dict_empty.pt', pt_file(odict(), {}), REFUSE, ['model', 'empty', 'format'])
    M('state_dict_key_not_text.pt', pt_file({1: pt_tensor('0', 'f4', (4,))}, {'0': b'\0' * 16}), REFUSE, ['model', 'key', 'format'])
    M('g_ema_is_tensor.pt', pt_file(dict(g_ema=pt_tensor('0', 'f4', (4,))), {'0': b'\0' * 16}), REFUSE, ['g_ema', 'model'])
    M('big_endian.pt', pt_file(dict(g_ema=pt_tensor('0', 'f4', (4,))), {'0': b'\0' * 16}).replace(b'little', b'bigbig'), REFUSE, ['byte', 'endian', 'damaged', 'model'])
    M('wrong_extension.txt', ada_file(3), EITHER, note='judged by its bytes, not by its name')
    M('directory.pkl', 'DIR', REFUSE, ['folder', 'directory'])
    M('dangling_link.pkl', 'LINK:nowhere.pkl', REFUSE, ['exist', 'found'])
    M('link_loop.pkl', 'LINK:link_loop.pkl', REFUSE, ['link', 'loop', 'open'])
    M('fifo.pkl', 'FIFO', REFUSE, ['regular file', 'pipe', 'not a file'], max_seconds=5, note='opening a pipe blocks for ever')
    M('ünïcødé ' + '模' * 20 + '.pkl', ada_file(3), OPENS)
    M('with\nnewline.pkl', ada_file(3), OPENS)
    M('x' * 240 + '.pkl', ada_file(3), OPENS)

def make_images(key):
    I = lambda n, d, expect, names=(), **k: add('images/' + n, 'image with a recipe', expect, d, names, max_mb=512, max_seconds=10, **k)
    t = lambda v: [chunk(b'tEXt', key.encode('latin1') + b'\0' + (v if isinstance(v, bytes) else json.dumps(v).encode()))]
    I('no_recipe.png', png(), REFUSE, ['recipe'])
    I('empty.png', b'', REFUSE, ['image', 'PNG', 'empty'])
    I('not_png.png', b'GIF89a' + bytes(20), REFUSE, ['image', 'PNG', 'recipe'])
    for n, v in [('nan', b'{"seed": NaN}'), ('infinity', b'{"psi": Infinity}'), ('huge_int', b'{"seed": ' + b'9' * 5000 + b'}'), ('big_exponent', b'{"psi": 1e400}'), ('negative_seed', b'{"seed": -1}'),
                 ('float_seed', b'{"seed": 1.5}'), ('text_seed', b'{"seed": "7"}'), ('list', b'[1, 2, 3]'), ('null', b'null'), ('text', b'"hello"'), ('not_json', b'{"seed": '), ('empty', b''),
                 ('deep', b'[' * 100_000 + b']' * 100_000), ('duplicate_keys', b'{"seed": 1, "seed": 2}'), ('future_version', b'{"version": 999999, "seed": 1}'), ('lone_surrogate', b'{"model": "\\ud800"}'),
                 ('nul_in_path', b'{"model": "a\\u0000b"}'), ('path_up', b'{"model": "../../../../etc/passwd"}'), ('path_url', b'{"model": "http://127.0.0.1:9/x.pkl"}'), ('path_unc', b'{"model": "\\\\\\\\127.0.0.1\\\\x"}'),
                 ('w_wrong_length', b'{"w": [1, 2, 3]}'), ('w_million', b'{"w": [' + b'0,' * 1_000_000 + b'0]}'), ('w_nested_nan', b'{"w": [[NaN, null, "x"]]}'), ('bool_for_number', b'{"seed": true, "psi": false}'),
                 ('class_out_of_range', b'{"seed": 1, "class": 1000000000}'), ('proto_keys', b'{"__class__": "os.system", "__proto__": {}, "seed": 1}')]:
        I(f'recipe_{n}.png', png(before=t(v)), REFUSE, ['recipe'], note='the picture may open; the recipe must be refused by name and the session left as it was')
    I('recipe_latin1.png', png(before=t('{"model": "ü"}'.encode('latin1'))), EITHER, ['recipe'])
    I('recipe_twice.png', png(before=t({'seed': 1}) + t({'seed': 2})), EITHER, ['recipe'])
    I('recipe_after_pixels.png', png(after=t({'seed': 1})), EITHER, ['recipe'])
    I('recipe_text_8mb.png', png(before=[chunk(b'tEXt', key.encode() + b'\0' + b' ' * (8 << 20))]), REFUSE, ['recipe', 'large', 'text'])
    I('recipe_ztxt_bomb.png', png(before=[chunk(b'zTXt', key.encode() + b'\0\0' + zlib.compress(b' ' * (1 << 28), 9))]), REFUSE, ['recipe', 'large', 'text', 'ecompress'])
    I('recipe_itxt_bomb.png', png(before=[chunk(b'iTXt', key.encode() + b'\0\1\0\0\0' + zlib.compress(b' ' * (1 << 28), 9))]), REFUSE, ['recipe', 'large', 'text', 'ecompress'])
    I('iccp_bomb.png', png(before=[chunk(b'iCCP', b'x\0\0' + zlib.compress(bytes(1 << 27), 9))] + t({'seed': 1})), EITHER, ['recipe', 'large'])
    I('recipe_itxt_bad_utf8.png', png(before=[chunk(b'iTXt', key.encode() + b'\0\0\0\0\0' + b'\xff\xfe\xff')]), REFUSE, ['recipe'])
    I('many_chunks.png', png(before=[chunk(b'tEXt', b'k%d\0v' % i) for i in range(100_000)]), REFUSE, ['recipe', 'many', 'text'])
    I('bad_crc.png', png(before=[chunk(b'tEXt', key.encode() + b'\0{"seed":1}', crc=0)]), REFUSE, ['recipe', 'damaged', 'CRC', 'broken'])
    I('length_lie.png', png(before=[chunk(b'tEXt', key.encode() + b'\0{}', length=0xfffffff0)]), REFUSE, ['recipe', 'damaged', 'truncated', 'image', 'broken'])
    I('no_iend.png', png(before=t({'seed': 1}), end=False), EITHER, ['recipe', 'truncated'])
    I('pixel_bomb_65500.png', png(65500, 65500, color=0, depth=1, idat=zlib.compress(bytes(100))), REFUSE, ['large', 'pixels', 'recipe', 'size'])
    I('size_2_31.png', png(1, 1)[:16] + struct.pack('>II', 0x7fffffff, 0x7fffffff) + png(1, 1)[24:], REFUSE, ['large', 'pixels', 'damaged', 'size', 'recipe', 'image', 'broken'])
    I('size_zero.png', png(1, 1)[:16] + struct.pack('>II', 0, 0) + png(1, 1)[24:], REFUSE, ['size', 'damaged', 'image', 'recipe', 'broken'])

def make_datasets():
    D = lambda n, d, expect, names=(), **k: add('datasets/' + n, 'dataset', expect, d, names, max_mb=1024, max_seconds=20, **k)
    im = lambda i, size=(16, 16), mode='RGB', fmt='PNG', **k: picture(fmt, size, mode, **k)
    good = [(f'img{i}.png', im(i)) for i in range(4)]
    lab = lambda v: ('dataset.json', v if isinstance(v, bytes) else json.dumps(v).encode())
    names = [n for n, _ in good]
    D('ok.zip', make_zip(good), OPENS)
    D('ok_labels.zip', make_zip(good + [lab(dict(labels=[[n, i % 2] for i, n in enumerate(names)]))]), OPENS)
    D('empty.zip', make_zip([]), REFUSE, ['image', 'empty'])
    D('not_a_zip.zip', b'hello' * 100, REFUSE, ['zip'])
    D('truncated.zip', make_zip(good)[:-40], REFUSE, ['zip', 'damaged'])
    D('only_json.zip', make_zip([lab(dict(labels=None))]), REFUSE, ['image'])
    D('path_traversal.zip', make_zip([('../../escaped.png', im(0)), ('/absolute.png', im(1)), ('a/../../b.png', im(2)), ('C:\\windows\\x.png', im(3)), ('..\\up.png', im(0))] + good), EITHER, ['..', 'escaped', 'path'], note='no file may appear outside the output folder')
    D('symlink_member.zip', make_zip(good + [('link.png', b'/etc/hostname', zinfo('link.png', mode=0o120777))]), EITHER, ['link'])
    D('duplicate_names.zip', make_zip(good + [good[0]]), EITHER, ['img0', 'twice'])
    D('directory_named_png.zip', make_zip(good + [('dir.png/', b'')]), EITHER, ['dir.png'])
    D('junk_members.zip', make_zip(good + [('__MACOSX/._img0.png', b'\0\5\x16\7' + bytes(50)), ('Thumbs.db', bytes(50)), ('readme.txt', b'x'), ('.DS_Store', bytes(9))]), OPENS, note='junk is skipped and said so')
    D('non_image_png.zip', make_zip(good + [('bad.png', b'not an image')]), EITHER, ['bad.png'])
    D('zero_byte_image.zip', make_zip(good + [('zero.png', b'')]), EITHER, ['zero.png'])
    j = picture('JPEG', (64, 64)); D('truncated_jpeg.zip', make_zip(good + [('cut.jpg', j[:len(j) // 2])]), EITHER, ['cut.jpg'])
    D('jpeg_header_only.zip', make_zip(good + [('head.jpg', j[:20])]), EITHER, ['head.jpg'])
    for n, m, f, kw in [('cmyk_jpeg', 'CMYK', 'JPEG', {}), ('gray_png', 'L', 'PNG', {}), ('gray16_png', 'I;16', 'PNG', {}), ('gray_alpha', 'LA', 'PNG', {}), ('rgba', 'RGBA', 'PNG', {}), ('palette', 'P', 'PNG', dict(transparency=0)), ('one_bit', '1', 'PNG', {}), ('float_tiff', 'F', 'TIFF', {}), ('bmp', 'RGB', 'BMP', {}), ('webp', 'RGB', 'WEBP', {})]:
        try: d = picture(f, (16, 16), m, **kw)
        except Exception: continue
        D(f'all_{n}.zip', make_zip([(f'a{i}.{f.lower()}', d) for i in range(3)]), EITHER, ['mode', 'channels', 'format', n.split('_')[0]])
        D(f'mixed_{n}.zip', make_zip(good + [(f'odd.{f.lower()}', d)]), EITHER, ['odd'])
    from PIL import Image
    b = io.BytesIO(); fr = [Image.new('RGB', (16, 16), (i * 50, 0, 0)) for i in range(4)]; fr[0].save(b, 'GIF', save_all=True, append_images=fr[1:]); D('animated_gif.zip', make_zip(good + [('anim.gif', b.getvalue())]), EITHER, ['anim'])
    ex = Image.Exif(); ex[0x112] = 6
    D('exif_rotated.zip', make_zip(good + [('rot.jpg', picture('JPEG', (16, 16), exif=ex.tobytes()))]), EITHER, ['rot'])
    D('mixed_sizes.zip', make_zip(good + [('big.png', im(9, (32, 32)))]), EITHER, ['big.png', 'size'])
    D('non_square.zip', make_zip([(f'w{i}.png', im(i, (32, 16))) for i in range(3)]), EITHER, ['square', 'size', '32'])
    D('not_power_of_two.zip', make_zip([(f'w{i}.png', im(i, (17, 17))) for i in range(3)]), EITHER, ['17', 'power'])
    D('one_pixel.zip', make_zip([('p.png', im(0, (1, 1)))]), REFUSE, ['1', 'small', 'size'])
    D('one_image.zip', make_zip(good[:1]), EITHER)
    D('huge_dimensions.zip', make_zip(good + [('huge.png', png(65500, 65500, color=0, depth=1, idat=zlib.compress(bytes(100))))]), EITHER, ['huge.png'])
    D('pixel_bomb_real.zip', make_zip(good + [('bomb.png', png(16000, 16000, color=0, depth=1))]), EITHER, ['bomb.png'])
    D('member_bomb.zip', make_zip(good + [('bomb.png', b'\0' * (1 << 28))], zipfile.ZIP_DEFLATED), EITHER, ['bomb.png'])
    D('name_300_characters.zip', make_zip(good + [('n' * 300 + '.png', im(1))]), EITHER, ['nnn'])
    D('name_newline.zip', make_zip(good + [('a\nb.png', im(1))]), EITHER)
    D('name_unicode.zip', make_zip(good + [('画像/ü.png', im(1)), ('caf\u00e9.png', im(2)), ('cafe\u0301.png', im(2))]), OPENS)
    D('name_case_clash.zip', make_zip(good + [('IMG0.PNG', im(1))]), EITHER)
    D('name_reserved.zip', make_zip(good + [('CON.png', im(1)), ('a:b.png', im(1)), ('trail. .png', im(1))]), EITHER)
    L = lambda n, v, expect=REFUSE, nm=('dataset.json', 'label'): D(f'labels_{n}.zip', make_zip(good + [lab(v)]), expect, nm)
    full = lambda f: dict(labels=[[n, f(i)] for i, n in enumerate(names)])
    L('not_json', b'{"labels": [')
    L('list', [])
    L('null', dict(labels=None), OPENS)
    L('missing_one', dict(labels=[[n, 0] for n in names[:3]]))
    L('for_missing_file', dict(labels=[[n, 0] for n in names] + [['gone.png', 1]]))
    L('negative', full(lambda i: -1))
    L('float_class', full(lambda i: 0.5))
    L('text', full(lambda i: 'cat'))
    L('bool', full(lambda i: True))
    L('nan', b'{"labels": [' + b','.join(b'["%s", NaN]' % n.encode() for n in names) + b']}')
    L('huge_class', full(lambda i: 10**9))
    L('ragged_vectors', full(lambda i: [0.0] * (i + 1)))
    L('mixed_kinds', full(lambda i: 0 if i else [1.0, 0.0]))
    L('vectors_nan', full(lambda i: [float('nan'), 0.0]))
    L('duplicate', dict(labels=[[n, i] for i, n in enumerate(names)] + [[names[0], 3]]))
    L('pairs_wrong', dict(labels=[[n] for n in names]))
    L('path_names', dict(labels=[['../' + n, 0] for n in names]))
    L('deep', b'{"labels":' + b'[' * 100_000 + b']' * 100_000 + b'}')
    L('gap_in_classes', full(lambda i: i * 1000), EITHER)
    for n, d in good: D(f'folder_odd/{n}', d, OPENS, part_of='datasets/folder_odd')
    D('folder_odd/loop', 'LINK:.', EITHER, part_of='datasets/folder_odd')
    D('folder_odd/dangling.png', 'LINK:gone.png', EITHER, part_of='datasets/folder_odd')
    D('folder_odd/pipe.png', 'FIFO', EITHER, part_of='datasets/folder_odd')
    D('folder_odd/dir.png', 'DIR', EITHER, part_of='datasets/folder_odd')
    add('datasets/folder_empty', 'dataset', REFUSE, 'DIR', ['image', 'empty'])

SITUATIONS = [  # things a test must arrange; no file can carry them
    ('out_parent_missing', 'export', 'the parent folder is made, or refused with the folder named'),
    ('out_read_only_folder', 'export', 'refused, names the folder; nothing else changes'),
    ('out_is_a_folder', 'export', 'refused, names the path'),
    ('out_exists_and_export_fails', 'export', 'the old file is still there, byte for byte'),
    ('out_disk_full', 'export, training', 'refused, names the path and "space"; no partial file; the last good file stays (tiny tmpfs, or RLIMIT_FSIZE)'),
    ('out_dev_full', 'export', 'refused, no hang'),
    ('out_name_300', 'export', 'refused, names the limit'),
    ('out_path_5000', 'export', 'refused'),
    ('out_unicode_and_newline', 'export', 'works'),
    ('out_symlink', 'export', 'writes through, or refused; never deletes the target'),
    ('out_on_other_device', 'export', 'works: the temporary file lies beside its target'),
    ('export_cancelled', 'export', 'no file, no temporary file, within 1 s of the press'),
    ('export_killed', 'export', 'kill -9 at any point: no file or a whole file'),
    ('export_nan_pixels', 'export', 'said in words'),
    ('model_file_replaced_while_open', 'model', 'no crash (a mapped file truncated by another program ends in SIGBUS)'),
    ('model_file_deleted_while_open', 'model', 'goes on, or says so'),
    ('model_swapped_during_render', 'render', 'the last frame is of the new model'),
    ('window_closed_during_render', 'render', 'process ends with status 0 within 5 s'),
    ('window_closed_during_export', 'export', 'asks or cancels; no partial file'),
    ('slot_raises', 'interface', 'a message; the program goes on'),
    ('worker_raises', 'render', 'a message; the next render works'),
    ('device_out_of_memory', 'render', 'a message, a smaller batch or the CPU; the next render works'),
    ('device_gone', 'render', 'a message and the CPU'),
    ('class_minus_one / class_n / class_text', 'render', 'refused by name'),
    ('psi_nan / psi_inf / psi_1e30', 'render', 'refused by name'),
    ('seed_minus_one / seed_2_64 / seed_text', 'render', 'refused by name'),
    ('ten_thousand_slider_events', 'render', 'last picture is that of the last event; memory level'),
    ('kill_9_at_every_write', 'training', 'resumes from the last snapshot; nothing corrupt'),
    ('kill_9_random', 'training', 'as above, at random instants'),
    ('sigterm / sigint / sigint_twice', 'training', 'a snapshot, then ends; the second ends at once'),
    ('loader_worker_killed', 'training', 'restarts it, or saves and ends with a message'),
    ('loss_nan', 'training', 'the step is skipped or the run rolls back and says so; no NaN snapshot replaces a good one'),
    ('snapshot_damaged_one_bit', 'training', 'the checksum says so; the one before it is used'),
    ('snapshot_truncated', 'training', 'as above'),
    ('all_snapshots_damaged', 'training', 'refused, names each; never starts over in silence'),
    ('two_runs_one_folder', 'training', 'the second is refused by a lock'),
    ('clock_set_back', 'training', 'the newest is chosen by step, not by time'),
    ('dataset_changed_between_runs', 'training', 'said so'),
    ('resume_with_other_settings', 'training', 'each setting that differs is named'),
]

# ---------------------------------------------------------------------------------------------------------
# Helpers for tests

def files(key='recipe'):
    """[(name, kind, expect, must_name, data, extra)]; data is bytes, 'DIR', 'FIFO' or 'LINK:target'."""
    OUT.clear(); make_hostile(); make_bombs(); make_safetensors(); make_models(); make_images(key); make_datasets()
    return list(OUT)

def truncations(data, step=1, head=4096, tail=4096):
    """Every length in the first and last bytes, and every step-th between."""
    n = len(data)
    cuts = set(range(0, min(head, n))) | set(range(max(0, n - tail), n)) | set(range(0, n, max(step, 1)))
    for c in sorted(cuts): yield c, data[:c]

def bitflips(data, count, seed=0):
    """count copies, each with one bit turned. The caller must expect 'opens or refused', never a crash."""
    r = random.Random(seed)
    for _ in range(count):
        i, b = r.randrange(len(data)), r.randrange(8)
        d = bytearray(data); d[i] ^= 1 << b
        yield (i, b), bytes(d)

def splices(data, count, seed=0):
    """count copies with a run of bytes cut, doubled, zeroed or moved."""
    r = random.Random(seed)
    for k in range(count):
        a = r.randrange(len(data)); n = min(len(data) - a, r.choice((1, 2, 4, 8, 64, 4096))); c = r.randrange(len(data))
        run = data[a:a + n]
        yield (k, a, n), (data[:a] + data[a + n:], data[:a] + run + data[a:], data[:a] + bytes(n) + data[a + n:], data[:c] + run + data[c:])[r.randrange(4)]

def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('out'); ap.add_argument('--recipe-key', default='recipe', help='the PNG text key under which the program keeps its recipe'); ap.add_argument('--only', default='', help='write only the files whose name holds this word')
    a = ap.parse_args(argv)
    index, total = [], 0
    for name, kind, expect, names, data, extra in files(a.recipe_key):
        if a.only and a.only not in name: continue
        p = os.path.join(a.out, name); os.makedirs(os.path.dirname(p), exist_ok=True)
        row = dict(name=name, kind=kind, must=expect, names_any_of=names, **extra)
        try:
            if os.path.lexists(p) and not (os.path.isdir(p) and not os.path.islink(p)): os.remove(p)
            if data == 'DIR': os.makedirs(p, exist_ok=True)
            elif data == 'FIFO': os.mkfifo(p)
            elif isinstance(data, str) and data.startswith('LINK:'): os.symlink(data[5:], p)
            else:
                with open(p, 'wb') as f: f.write(data)
                total += len(data); row['bytes'] = len(data)
        except (OSError, AttributeError, NotImplementedError) as e: row['not_written'] = type(e).__name__
        index.append(row)
    index += [dict(name=n, kind='situation: ' + k, must=m) for n, k, m in SITUATIONS if not a.only or a.only in n]
    with open(os.path.join(a.out, 'index.json'), 'w', encoding='utf-8') as f: json.dump(index, f, indent=1, ensure_ascii=True)
    print(f'{len(index)} entries, {sum(1 for r in index if r.get("hostile"))} hostile, {total / 1e6:.1f} MB')

if __name__ == '__main__': main()
