"""The websocket design of 2020: an annotator connects and names the clouds of the task; the server reads all
of them, whole, and keeps them as long as the connection lives.

  python websocket.py PORT ORIGIN     (one process a core on one port)
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
            raise RuntimeError(str(response.status))
        return await response.read()


def decoded(stored, metadata):
    return np.concatenate([ept.points_of(each, metadata) for each in stored])


async def whole_cloud(session, name):
    base = f'{ORIGIN}/{name}/'
    document, page = await asyncio.gather(
        get(session, base + 'ept.json'), get(session, base + 'ept-hierarchy/0-0-0-0.json'))
    metadata = ept.Metadata(json.loads(document))
    keys = ept.nodes_within(metadata, json.loads(page), None, 0)
    stored = await asyncio.gather(*[get(session, f'{base}ept-data/{key}.zst') for key in keys])
    return await asyncio.get_running_loop().run_in_executor(POOL, decoded, stored, metadata)


def box_of(points, place):
    return network.fit(network.crop(points, place, CONTEXT_METRES), place)


async def annotator(request):
    socket = web.WebSocketResponse(max_msg_size=1 << 20)
    await socket.prepare(request)
    clouds = {}

    async def answer(question):
        try:
            points = await clouds[question['cloud']]
            box = await asyncio.get_running_loop().run_in_executor(POOL, box_of, points, question['at'])
            await socket.send_json({'id': question['id'], 'box': box})
        except Exception as error:
            await socket.send_json({'id': question['id'], 'error': repr(error)})

    async for message in socket:
        question = json.loads(message.data)
        if 'task' in question:
            for name in question['task']:
                clouds[name] = asyncio.ensure_future(whole_cloud(request.app['session'], name))
        else:
            asyncio.ensure_future(answer(question))
    for cloud in clouds.values():
        cloud.cancel()
    return socket


async def application():
    app = web.Application()

    async def with_session(app):
        connector = aiohttp.TCPConnector(limit=256)
        app['session'] = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60))
        yield
        await app['session'].close()

    app.cleanup_ctx.append(with_session)
    app.router.add_get('/ws', annotator)
    return app


network.warm_up()
uvloop.install()
print('listening', flush=True)
web.run_app(application(), host='127.0.0.1', port=PORT, reuse_port=True, access_log=None, print=None)
