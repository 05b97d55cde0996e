"""EPT clouds as `nearbox build` writes them: metadata, nodes around a place, zstandard nodes to points."""
import numpy as np
import zstandard

NUMBERS = {('signed', 4): '<i4', ('signed', 2): '<i2', ('unsigned', 1): 'u1', ('unsigned', 2): '<u2',
           ('unsigned', 4): '<u4', ('float', 4): '<f4', ('float', 8): '<f8'}
NAMES = {'X': 'x', 'Y': 'y', 'Z': 'z'}


class Metadata:
    """What decoding needs of ept.json."""

    def __init__(self, document):
        schema = document['schema']
        fields = [(NAMES.get(d['name'], d['name']), NUMBERS[d['type'], d['size']]) for d in schema]
        self.record = np.dtype(fields)
        axes = {d['name']: d for d in schema if d['name'] in NAMES}
        self.scale = [axes[k].get('scale', 1) for k in 'XYZ']
        self.offset = [axes[k].get('offset', 0) for k in 'XYZ']
        self.low = document['bounds'][:3]
        self.edge = document['bounds'][3] - document['bounds'][0]


def nodes_within(metadata, hierarchy, place, radius):
    """Keys of the nodes with points whose cube is within `radius` of `place`; of all of them if `place` is
    None.
    """
    found = []
    for key, count in hierarchy.items():
        if count <= 0:
            continue
        if place is not None:
            depth, *at = map(int, key.split('-'))
            size = metadata.edge / 2 ** depth
            squared = 0.0
            for c in range(3):
                low = metadata.low[c] + at[c] * size
                away = place[c] - min(max(place[c], low), low + size)
                squared += away * away
            if squared > radius * radius:
                continue
        found.append(key)
    return found


DECOMPRESSOR = zstandard.ZstdDecompressor()


def points_of(stored, metadata):
    """Positions of a stored node, metres: float32, one row a point."""
    raw = np.frombuffer(DECOMPRESSOR.decompress(stored, max_output_size=1 << 26), metadata.record)
    points = np.empty((len(raw), 3), np.float32)
    for column, name in enumerate('xyz'):
        points[:, column] = raw[name] * metadata.scale[column] + metadata.offset[column]
    return points
