"""Asks a nearbox server for the box of an object; Python's standard library only.

    python3 predict.py http://127.0.0.1:8080 000000 -7.2 5.4 -1.1 [KEY]

Prints the box, then what the same question costs as a cacheable URL, and saves the points around the click as
crop.ply.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ATTEMPTS = 3


class Problem(Exception):
    """What the server answered instead: match on `code`."""

    def __init__(self, document):
        super().__init__(f"{document['code']}: {document['detail']} (request {document['requestId']})")
        self.code = document["code"]


class Nearbox:
    def __init__(self, base, key=None):
        self.base = base.rstrip("/")
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(self, path, body=None, headers=None):
        """Headers and bytes of an answer. Waits and asks again where the server says when."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {**self.headers, **(headers or {})})
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    return response.headers, response.read()
            except urllib.error.HTTPError as error:
                if error.code == 304:
                    return error.headers, b""
                wait = error.headers.get("Retry-After")
                if wait is None or attempt == ATTEMPTS:
                    raise Problem(json.load(error)) from error
                time.sleep(float(wait))

    def predict(self, cloud, region, **more):
        """The box of the object in a region; `more`: class, size, sensor, boxes, ..."""
        body = {"cloud": cloud, "region": region, **more}
        headers = {"Timeout-Ms": "5000", "Nearbox-Cloud": urllib.parse.quote(cloud)}
        return json.loads(self.call("/v1/predictions", body, headers)[1])

    def predict_by_url(self, cloud, position, etag=None):
        """The same as a URL that caches may hold: headers and the box; no box if `etag` still stands for
        it.
        """
        query = urllib.parse.urlencode({"cloud": cloud, "at": ",".join(map(str, position))})
        headers, text = self.call(f"/v1/predictions?{query}", headers={"If-None-Match": etag} if etag else None)
        return headers, json.loads(text) if text else None

    def crop(self, cloud, region):
        """All points of a region as binary PLY."""
        headers = {"Nearbox-Cloud": urllib.parse.quote(cloud)}
        return self.call("/v1/crops", {"cloud": cloud, "region": region}, headers)[1]

    def cloud(self, cloud):
        """What there is to say of a cloud. Its id keeps its slashes in the path."""
        return json.loads(self.call(f"/v1/clouds/{urllib.parse.quote(cloud, safe='/')}")[1])

    def clouds(self):
        """Every cloud below the root, page by page."""
        after = ""
        while after is not None:
            query = urllib.parse.urlencode({"limit": 100, "after": after})
            page = json.loads(self.call(f"/v1/clouds?{query}")[1])
            yield from page["clouds"]
            after = page["next"]


def main():
    base, cloud, *numbers = sys.argv[1:6]
    nearbox = Nearbox(base, sys.argv[6] if len(sys.argv) > 6 else None)
    position = [float(number) for number in numbers]
    print("clouds:", ", ".join(listed["id"] for listed in nearbox.clouds()))
    print("points:", nearbox.cloud(cloud)["points"])

    answer = nearbox.predict(cloud, {"type": "click", "position": position})
    print("box:", json.dumps(answer["box"]))
    print("class:", answer["class"], "score:", answer["score"])

    headers, _ = nearbox.predict_by_url(cloud, position)
    _, again = nearbox.predict_by_url(cloud, position, headers["ETag"])
    print("cost:", headers["Nearbox-Cost"], "- asked again:", "not modified" if again is None else "answered")

    with open("crop.ply", "wb") as file:
        file.write(nearbox.crop(cloud, {"type": "sphere", "center": position, "radius": 3}))

    try:
        nearbox.predict("no/such/cloud", {"type": "click", "position": position})
    except Problem as problem:
        print("problem:", problem.code)


if __name__ == "__main__":
    main()
