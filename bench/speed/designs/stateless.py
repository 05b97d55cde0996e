"""The stateless design of 2020: every request reads ept.json, the root page and the nodes within 15 m, and
keeps nothing.

  python stateless.py PORT ORIGIN     (one process a core on one port)
"""
import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import uvloop
from aiohttp import web

import ept
import network

CONTEXT_METRES = 15.0
PORT, ORIGIN = int(sys.argv[1]), sys.argv[2]
POOL = ThreadPoolExecutor(1)
np = network.np


async def get(session, url):
    async with session.get(url) as response:
        if response.status != 200:
            raise web.HTTPBadGateway()
        return await response.read()


def box_of(stored, metadata, place):
    points = [ept.points_of(each, metadata) for each in stored]
    whole = np.concatenate(points) if points else np.zeros((0, 3), np.float32)
    return network.fit(network.crop(whole, place, CONTEXT_METRES), place)


async def predict(request):
    question = await request.json()
    session = request.app['session']
    place, base = question['region']['position'], f"{ORIGIN}/{question['cloud']}/"
    document, page = await asyncio.gather(
        get(session, base + 'ept.json'), get(session, base + 'ept-hierarchy/0-0-0-0.json'))
    metadata = ept.Metadata(json.loads(document))
    keys = ept.nodes_within(metadata, json.loads(page), place, CONTEXT_METRES)
    stored = await asyncio.gather(*[get(session, f'{base}ept-data/{key}.zst') for key in keys])
    box = await asyncio.get_running_loop().run_in_executor(POOL, box_of, stored, metadata, place)
    return web.json_response({'box': box})


async def application():
    app = web.Application(client_max_size=1 << 20)

    async def with_session(app):
        connector = aiohttp.TCPConnector(limit=256, keepalive_timeout=30)
        app['session'] = aiohttp.ClientSession(connector=connector)
        yield
        await app['session'].close()

    app.cleanup_ctx.append(with_session)
    app.router.add_post('/v1/predictions', predict)
    return app


network.warm_up()
uvloop.install()
print('listening', flush=True)
web.run_app(application(), host='127.0.0.1', port=PORT, reuse_port=True, access_log=None, print=None)
