"""Asks a satellite gate as a pipeline task of Rubin does: python rubin-client.py ask|traffic INPUT.json

The requests are those of lsst.ip.diffim and lsst.pipe.tasks: PUT with json=, no time limit, 404 answered by telling
the visit once and asking once more, raise_for_status, and the allow list taken as a set.

ask: {url, visit: {...}, questions: [{tell, detector, sources}]}; prints for each {allowed, error, requests}, allowed
ids as text, requests as [path, status].
traffic: {url, seconds, visit, detectors, sources, covered}; tells and asks of visits with ever new numbers until the
time is over, all detectors of a visit at once; prints counts.
"""
import collections
import concurrent.futures
import json
import pathlib
import sys
import time

import requests


class Task:
    """What one detector's task does with the gate."""

    def __init__(self, url, visit):
        self.url = url
        self.visit = visit
        self.requests = []

    def put(self, path, payload):
        answer = requests.put(f'{self.url}{path}', json=payload)
        self.requests.append([path, answer.status_code])
        return answer

    def tell(self):
        self.put('/visit_cache', self.visit).raise_for_status()

    def allowed(self, detector, sources):
        payload = {'visit_id': self.visit['visit_id'], 'detector_id': detector, 'diasources': sources,
                   'historical': self.visit['historical']}
        answer = self.put('/diasource_allow_list', payload)
        if answer.status_code == 404:
            self.tell()
            answer = self.put('/diasource_allow_list', payload)
        answer.raise_for_status()
        return set(answer.json()['allow_list'])


def ask(url, visit, questions):
    for question in questions:
        task = Task(url, {**visit, **question.get('visit', {})})
        told = {'allowed': None, 'error': None, 'requests': task.requests}
        try:
            if question['tell']:
                task.tell()
            allowed = task.allowed(question['detector'], question['sources'])
            told['allowed'] = [str(each) for each in sorted(allowed)]
        except requests.RequestException as error:
            told['error'] = type(error).__name__
        yield told


def traffic(url, seconds, visit, detectors, sources, covered):
    counts = collections.Counter()
    expected = {source['diasource_id'] for source in sources} - set(covered)
    end = time.monotonic() + seconds

    def one_detector(number, detector):
        task = Task(url, {**visit, 'visit_id': visit['visit_id'] + number})
        try:
            if number % 2 == 0:
                task.tell()
            counts['right' if task.allowed(detector, sources) == expected else 'wrong'] += 1
        except requests.RequestException:
            counts['unanswered'] += 1
        unknown = [status for path, status in task.requests if status == 404]
        counts['unknown'] += len(unknown) > 0
        counts['unknown twice'] += len(unknown) > 1

    with concurrent.futures.ThreadPoolExecutor(detectors) as pool:
        number = 0
        while time.monotonic() < end:
            number += 1
            list(pool.map(lambda detector: one_detector(number, detector), range(detectors)))
    return {**counts, 'visits': number}


verb, path = sys.argv[1:]
told = json.loads(pathlib.Path(path).read_text())
print(json.dumps(list(ask(**told)) if verb == 'ask' else traffic(**told)))
